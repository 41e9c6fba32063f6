import { join } from 'node:path';

/** A row of docs/interop.md. */
export interface CaseRow {
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
  readonly server: string;
}

/** A case that has passed, with the versions it has passed with. */
export interface PassedCase extends CaseRow {
  /** The test's file, and its heading on the page. */
  readonly file: string;
  readonly heading: string;
  /** Place below the heading. */
  readonly order: number;
}

export const pageFile = join(__dirname, '../../docs/interop.md');

/** The page without its beginning: a table for each heading. */
export function tablesOf(cases: readonly PassedCase[]): string {
  const headings = [...new Set([...cases].sort(inOrder).map(({ heading }) => heading))];
  return headings
    .map((heading) => {
      const own = cases.filter((each) => each.heading === heading).sort(inOrder);
      const file = own[0]?.file ?? '';
      const rows = own.map(({ what, ours, theirs, server }) => `| ${[what, ours, theirs, server].join(' | ')} |`);
      const link = `[test/interop/${file}](../test/interop/${file})`;
      return [`## ${heading}`, '', link, '', '| Case | We | They | Server |', '|---|---|---|---|', ...rows, ''].join(
        '\n',
      );
    })
    .join('\n');
}

/** The headings of the page with the test file that each names. */
export function headingsOf(page: string): { heading: string; file: string }[] {
  const sections = page.matchAll(/^## (.+)\n\n\[test\/interop\/(\S+?)\]/gm);
  return [...sections].map(([, heading = '', file = '']) => ({ heading, file }));
}

/** The rows below a heading. */
export function rowsOf(page: string, heading: string): CaseRow[] {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((line) => {
    const [what = '', ours = '', theirs = '', server = ''] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    return { what, ours, theirs, server };
  });
}

/** What makes a case the same whatever versions it ran with. */
export function caseKey({ what, ours, theirs, server }: CaseRow): string {
  const plain = (text: string): string => text.replace(/ (\d+(\.\d+)+|of unknown version)/g, '');
  return [what, ours, plain(theirs), plain(server).replace(/^notary-server: /, '')].join(' | ');
}

function inOrder(a: PassedCase, b: PassedCase): number {
  return a.file === b.file ? a.order - b.order : a.file < b.file ? -1 : 1;
}
