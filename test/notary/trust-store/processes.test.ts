import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dockerPassphrases, TrustStore } from '../../../src/notary/trust-store';
import { bundleKeeper } from './bundle-keeper';

const run = promisify(execFile);
const env = {
  DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: 'one passphrase',
  DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: 'another one',
};

// Real processes, each with a store of its own on one folder: rule 2.
describe('when processes share a trust store', () => {
  let directory: string;
  let program: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'dct-processes-'));
    program = await bundleKeeper(directory);
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('eight that make a root key at once have the same one, and no other key is lost', async () => {
    const store = join(directory, 'trust');
    const said = await Promise.all(
      Array.from({ length: 8 }, () => run(process.execPath, [program, store, '5'], { env })),
    );
    const lines = said.map(({ stdout }) => stdout.trim().split('\n'));
    expect(new Set(lines.map(([root]) => root)).size).toBe(1);
    const others = lines.flatMap(([, ...rest]) => rest);
    expect(new Set(others).size).toBe(40);
    const all = new TrustStore({ directory: store, passphrase: dockerPassphrases(env) });
    for (const id of [lines[0]?.[0] ?? '', ...others]) expect((await all.load(id)).canonicalId).toBe(id);
    expect((await readdir(all.directory + '/private')).every((name) => /^[0-9a-f]{64}\.key$/.test(name))).toBe(true);
  });
});
