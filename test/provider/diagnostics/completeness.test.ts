import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, type Shown, textsIn, TEXTS } from './catalogue';
import { COMPUTED, UNSEEN } from './computed';
import { type Site, sites } from './sites';

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

const codesOf = ({ codes, file }: Site): readonly string[] => (codes.length > 0 ? codes : (COMPUTED[file] ?? []));
const wholeOf = ({ summary, detail }: Shown): string => `${summary}\n${detail}`;

describe('the catalogue of diagnostics', () => {
  test('knows how every code that the source computes comes about', () => {
    const computed = all.filter(({ kind, codes }) => kind === 'error' && codes.length === 0).map(({ file }) => file);
    expect([...new Set(computed)].sort()).toEqual(Object.keys(COMPUTED).sort());
  });

  test('has every code of the source, and no other', () => {
    const codes = all.flatMap((site) => [...codesOf(site), ...(COMPUTED[site.file] ?? [])]);
    const seen = entries.flatMap(({ code }) => code ?? []);
    expect([...new Set(seen)].sort()).toEqual([...new Set(codes)].filter((code) => !(code in UNSEEN)).sort());
  });

  const shownAt = (site: Site): boolean => {
    const { text, kind } = site;
    if (text === undefined) return true;
    const codes = codesOf(site);
    return entries.some((entry) => {
      const fits = kind === 'error' ? codes.includes(entry.code ?? '') : true;
      return fits && text.test(wholeOf(entry));
    });
  };
  test('shows the text of every place in the source', () => {
    const missing = all.filter((site) => !shownAt(site) && !codesOf(site).some((code) => code in UNSEEN));
    expect(missing.map(({ source }) => source).filter((source) => !(source.split(':')[0] ?? '' in UNSEEN))).toEqual([]);
  });
});

describe.each(entries.map((entry) => [`${entry.area}, ${entry.name}`, entry] as const))(
  'the text of %s',
  (_, entry) => {
    it('is in order', () => {
      const { severity, summary, detail, code } = entry;
      expect(summary).toMatch(/^\S.*[^\s.:;,]$|^\S.*…$/);
      expect(wholeOf(entry)).not.toMatch(
        /undefined|\[object|\.\.(?!\/)|;\s*;|,\s*,|\(\)| {2}(?!\S+ = )|[:;,]\s*$|\s[.,;:]/,
      );
      if (severity === 'error' && code !== undefined) expect(detail).toMatch(/^What to do: \S/m);
      if (severity === 'warning') expect(detail).toMatch(/[.)]$/);
    });
  },
);
