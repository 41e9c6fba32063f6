import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, DISORDER, type Shown, textsIn, TEXTS } from './catalogue';
import { type Literal, literals } from './literals';
import { ELSEWHERE, UNSEEN, UNSHOWN, UNSHOWN_TEXTS } from './unseen';
import { steady } from './steady';
import { type Site, sites } from './sites';
import { saidIn } from './stored';
import { VERDICTS } from './verdicts/cases';

interface Entry extends Shown {
  readonly area: string;
  readonly name: string;
  /** Undefined for warnings and what handlers report without a code. */
  readonly code: string | undefined;
}

const entries: Entry[] = readdirSync(TEXTS).flatMap((file) =>
  Object.entries(textsIn(join(TEXTS, file))).map(([name, shown]) => {
    return { ...shown, area: file.replace('.json', ''), name, code: codeOf(shown) };
  }),
);
const all = sites();

const wholeOf = ({ summary, detail }: Shown): string => `${summary}\n${detail}`;

describe('the catalogue of diagnostics', () => {
  test('has every code of the source, and no other', () => {
    const codes = all.flatMap((site) => site.codes);
    const seen = entries.flatMap(({ code }) => code ?? []);
    expect([...new Set(seen)].sort()).toEqual([...new Set(codes)].filter((code) => !(code in UNSEEN)).sort());
  });

  const isShown = (site: Site): boolean => {
    const { text, kind, codes } = site;
    if (text === undefined) return true;
    const isPassedOn = kind === 'error' && codes.length === 0;
    const fits = ({ code }: Entry): boolean =>
      kind === 'report' ? code === undefined : code !== undefined && (isPassedOn || codes.includes(code));
    return entries.some((entry) => fits(entry) && text.test(wholeOf(entry)));
  };
  test('shows the text of every place in the source that makes one', () => {
    const left = all.filter((site) => !isShown(site) && !site.codes.some((code) => code in UNSEEN));
    const unshown = Object.keys(UNSHOWN);
    expect(
      left.map(({ source }) => source).filter((source) => !unshown.some((words) => source.includes(words))),
    ).toEqual([]);
    expect(unshown.filter((words) => !left.some(({ source }) => source.includes(words)))).toEqual([]);
  });

  // Messages, cures and details are put together from pieces: each of them stands in some stored text, not only one of each kind.
  test('shows every text that stands in the source', () => {
    const shown = [...entries.map(wholeOf), ...saidIn(VERDICTS)].join('\n').toLowerCase();
    const left = literals().filter(({ text }) => !shown.includes(steady({ text }).text.toLowerCase()));
    const known = Object.keys(UNSHOWN_TEXTS);
    const isKnown = ({ at, text }: Literal): boolean =>
      known.some((words) => text.includes(words) || at.startsWith(words));
    expect(left.filter((each) => !isKnown(each)).map(({ at, text }) => `${at}: ${text}`)).toEqual([]);
    expect(known.filter((words) => !left.some(({ at, text }) => text.includes(words) || at.startsWith(words)))).toEqual(
      [],
    );
  });
});

test.each(entries.filter(({ area, severity }) => area === 'resources' && severity === 'error'))(
  'the error of a resource or data source names an attribute: $name',
  ({ name, attribute }) => {
    if (name in ELSEWHERE) expect(attribute).toBeUndefined();
    else expect(attribute).toBeDefined();
  },
);

describe.each(entries.map((entry) => [`${entry.area}, ${entry.name}`, entry] as const))(
  'the text of %s',
  (_, entry) => {
    it('is in order', () => {
      const { severity, summary, detail, code } = entry;
      expect(summary).toMatch(/^\S.*[^\s.:;,]$/);
      expect(wholeOf(entry)).not.toMatch(DISORDER);
      if (severity === 'error' && code !== undefined) expect(detail).toMatch(/^What to do: \S/m);
      if (severity === 'warning' && detail !== '') expect(detail).toMatch(/[.)]$/);
    });
  },
);
