import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const committed = join(__dirname, '../../src/bindings');

describe('when the bindings are generated from the provider of this tree', () => {
  let fresh: string;
  beforeAll(() => {
    fresh = mkdtempSync(join(tmpdir(), 'dct-bindings-'));
    // In a process of its own: the generator leaves things running, which keep a worker of the tests from ending.
    const script = join(__dirname, '../../scripts/generate.ts');
    execFileSync(process.execPath, ['--import', 'tsx', script, fresh], { stdio: 'pipe' });
  });
  afterAll(() => rmSync(fresh, { recursive: true }));

  it('they are the committed ones: otherwise run `npm run generate`', () => {
    expect(texts(committed)).toEqual(texts(fresh));
  });

  it('they name no registry page, which the provider does not have', () => {
    for (const text of Object.values(texts(fresh)))
      expect(text).not.toMatch(/https:\/\/(terraform\.local|registry\.terraform)/);
  });
});

function texts(directory: string): Record<string, string> {
  return Object.fromEntries(readdirSync(directory).map((file) => [file, readFileSync(join(directory, file), 'utf8')]));
}
