import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';

const GENERATED = 'src/plugin/generated';

describe('when messages have changed', () => {
  it('their code has been generated again (npm run generate:proto)', async () => {
    const root = path.resolve(__dirname, '../..');
    const bin = path.join(root, 'node_modules/.bin');
    const output = await mkdtemp(path.join(tmpdir(), 'proto-'));
    try {
      await promisify(execFile)(
        path.join(bin, 'buf'),
        ['generate', '--template', 'src/plugin/proto/buf.gen.yaml', '--output', output],
        { cwd: root, env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` } },
      );
      const names = await readdir(path.join(output, GENERATED));
      expect(names.sort()).toEqual((await readdir(path.join(root, GENERATED))).sort());
      for (const name of names)
        expect(await readFile(path.join(root, GENERATED, name), 'utf8')).toBe(
          await readFile(path.join(output, GENERATED, name), 'utf8'),
        );
    } finally {
      await rm(output, { recursive: true });
    }
  });
});
