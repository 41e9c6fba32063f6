import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StateDirectory } from '../../../src/sandbox/state-directory';
import { notaryServerContract } from '../../contract/notary-server';
import { describeInterop } from '../../interop/programs';
import { startDtr } from '../dtr/a-dtr';

describeInterop('the real notary-server behind the sandbox’s DTR keeps the contract', () => {
  notaryServerContract('tokens of the DTR', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'dct-real-notary-'));
    const running = await startDtr({ directory: new StateDirectory(directory), notary: 'real' });
    const { dtr, authority } = running;
    const tokens = new Map<string, Promise<string>>();
    return {
      url: dtr.endpoint.origin,
      caBundle: authority.certificate,
      hostAddress: dtr.hostAddress,
      authorization: async (scope) => {
        const one = tokens.get(scope) ?? running.token(scope, 'admin');
        tokens.set(scope, one);
        return `Bearer ${await one}`;
      },
      close: async () => {
        await dtr.close();
        await rm(directory, { recursive: true, force: true });
      },
    };
  });
});
