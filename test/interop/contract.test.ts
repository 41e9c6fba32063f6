import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notaryServerContract } from '../contract/notary-server';
import type { NotaryUnderTest } from '../contract/wire';
import { createAuthority } from './pki';
import { describeInterop } from './programs';
import { type Signing, startNotaryServer } from './servers';

describeInterop('the real notary-server keeps the contract', () => {
  for (const signing of ['local', 'remote'] as const) notaryServerContract(`keys ${signing}`, () => start(signing));
});

async function start(signing: Signing): Promise<NotaryUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'dct-contract-'));
  const authority = await createAuthority();
  const server = await startNotaryServer({ directory, authority, signing });
  return {
    url: `https://localhost:${server.port}`,
    caBundle: authority.caBundle,
    hostAddress: 'dtr.test',
    close: async () => {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
