import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { caseKey, pageFile, rowsOf, type CaseRow } from './page';
import { describeInterop, versionOf } from './programs';
import { isEverywhere, serversFor, type ServerVariant } from './variants';

/** One case of docs/interop.md. */
export interface InteropCase {
  /** What happens, as the page says it. */
  readonly what: string;
  /** Our side. @default the library */
  readonly ours?: 'src/notary' | 'provider' | 'dct' | 'nothing';
  /** Programs that take part. @default docker and notary */
  readonly theirs?: readonly ('docker' | 'notary')[];
  /** The server, in the words of a `ServerVariant`. */
  readonly server: string;
}

/** `timeout` in milliseconds, where the usual one does not do. */
export type RegisterCase = (about: InteropCase, run: () => Promise<void>, timeout?: number) => void;

/**
 * Tests whose cases are rows of docs/interop.md, under this heading. A case that has passed is noted for the page where
 * `INTEROP_RESULTS` names a file (scripts/interop-page.ts); otherwise the page has to have exactly the cases declared here.
 */
export function describeCases(heading: string, tests: (testCase: RegisterCase) => void): void {
  describeInterop(heading, () => {
    const declared: CaseRow[] = [];
    tests((about, run, timeout) => {
      const row = rowOf(about);
      const order = declared.push(row);
      const passes = async (): Promise<void> => {
        await run();
        note(heading, order, about, row);
      };
      test(`${about.what} [${row.theirs}; ${row.server}]`, passes, timeout);
    });
    if (results !== undefined || isEverywhere) return;
    test('docs/interop.md has exactly these cases: otherwise run `npx tsx scripts/interop-page.ts`', () => {
      const page = existsSync(pageFile) ? rowsOf(readFileSync(pageFile, 'utf8'), heading) : [];
      expect(page.map(caseKey)).toEqual(declared.map(caseKey));
    });
  });
}

/** The same on each of these servers, or on all that there are: see `serversFor`. */
export function describeCasesOn(
  usual: readonly ServerVariant[],
  heading: string,
  tests: (testCase: RegisterCase, variant: ServerVariant) => void,
): void {
  describeCases(heading, (testCase) => {
    describe.each(serversFor(...usual))('$name', (variant) => {
      tests(testCase, variant);
    });
  });
}

const results = process.env.INTEROP_RESULTS;

function rowOf({ what, ours = 'src/notary', theirs = ['docker', 'notary'], server }: InteropCase): CaseRow {
  return { what, ours, theirs: theirs.join(', ') || '–', server };
}

function note(heading: string, order: number, { theirs = ['docker', 'notary'] }: InteropCase, row: CaseRow): void {
  if (results === undefined) return;
  const file = basename(expect.getState().testPath ?? '');
  const versions = theirs.map(versionOf).join(', ') || '–';
  const server = `${versionOf('notary-server')}: ${row.server.replace('PostgreSQL', () => versionOf('initdb'))}`;
  appendFileSync(results, `${JSON.stringify({ file, heading, order, ...row, theirs: versions, server })}\n`);
}
