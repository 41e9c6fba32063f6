import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { steady } from './steady';

/**
 * Makes each text by its name and compares the whole of it with the stored one. To store new texts, to be read before they are
 * committed: `DIAGNOSTICS=write npx jest test/provider/diagnostics && npm run generate`
 * @param check looks at each text, whether it is stored or compared
 */
export function storedIn<T extends object>(
  file: string,
  made: Readonly<Record<string, () => T | Promise<T>>>,
  check: (text: T, name: string) => void = () => undefined,
): void {
  const isWriting = process.env['DIAGNOSTICS'] === 'write';
  const stored = isWriting ? {} : (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>);
  const seen: Record<string, T> = {};

  test.each(Object.entries(made))('%s', async (name, make) => {
    const text = steady(await make());
    seen[name] = text;
    check(text, name);
    if (!isWriting) expect(text).toEqual(stored[name]);
  });

  test(`${basename(dirname(file))}/${basename(file)} holds no other`, () => {
    if (isWriting) write(file, seen);
    else expect(Object.keys(stored).sort()).toEqual(Object.keys(made).sort());
  });
}

/** All that is said in a file of stored texts, each by its own. */
export function saidIn(file: string): string[] {
  const said: string[] = [];
  JSON.parse(readFileSync(file, 'utf8'), (_, inside: unknown) => {
    if (typeof inside === 'string') said.push(inside);
    return inside;
  });
  return said;
}

function write(file: string, texts: Readonly<Record<string, object>>): void {
  mkdirSync(dirname(file), { recursive: true });
  const sorted = Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(sorted, undefined, 2)}\n`);
}
