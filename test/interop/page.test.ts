import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { headingsOf, pageFile, rowsOf, tablesOf } from './page';

// That the rows below a heading are the cases of its file is checked by the file itself (cases.ts).

describe('docs/interop.md', () => {
  const page = readFileSync(pageFile, 'utf8');

  test('has the headings of all files with cases, and no other: otherwise run `npx tsx scripts/interop-page.ts`', () => {
    const files = readdirSync(__dirname).filter((file) => file.endsWith('.test.ts') && file !== 'page.test.ts');
    const declared = files.flatMap((file) => {
      const text = readFileSync(join(__dirname, file), 'utf8');
      return [...text.matchAll(/^describeCases(?:On\(\[\w+\], |\()'([^']+)'/gm)].map(([, heading = '']) => ({
        heading,
        file,
      }));
    });
    expect(declared.length).toBeGreaterThan(5);
    expect(headingsOf(page)).toEqual(declared.sort((a, b) => (a.file < b.file ? -1 : 1)));
  });

  test('has a case in every row', () => {
    const rows = headingsOf(page).flatMap(({ heading }) => rowsOf(page, heading));
    expect(rows.length).toBe(
      page.split('\n').filter((line) => line.startsWith('|')).length - 2 * headingsOf(page).length,
    );
    for (const row of rows) expect(Object.values(row).every((cell) => cell !== '')).toBe(true);
  });
});

describe('when the page is written', () => {
  const row = { what: 'w', ours: 'src/notary', theirs: 'docker 28.2.2', server: 'notary-server 0.7.0: memory' };

  test('cases stand in the order of their file, whatever ran first, and can be read back', () => {
    const second = { ...row, what: 'second', file: 'a.test.ts', heading: 'A', order: 2 };
    const first = { ...row, file: 'a.test.ts', heading: 'A', order: 1 };
    const page = tablesOf([{ ...first, file: 'b.test.ts', heading: 'B' }, second, first]);
    expect(headingsOf(page)).toEqual([
      { heading: 'A', file: 'a.test.ts' },
      { heading: 'B', file: 'b.test.ts' },
    ]);
    expect(rowsOf(page, 'A')).toEqual([row, { ...row, what: 'second' }]);
  });
});
