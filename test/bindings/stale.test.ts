import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateBindings } from '../../scripts/generate';

const committed = join(__dirname, '../../src/bindings');

describe('when the bindings are generated from the provider of this tree', () => {
  let fresh: string;
  beforeAll(async () => {
    fresh = mkdtempSync(join(tmpdir(), 'dct-bindings-'));
    await generateBindings(fresh);
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
