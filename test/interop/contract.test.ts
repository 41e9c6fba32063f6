import { RegistryClient } from '../../src/dtr';
import { notaryServerContract } from '../contract/notary-server';
import type { NotaryUnderTest } from '../contract/wire';
import { describeInterop } from './programs';
import { startTrustStack } from './stack';
import { likeDtr, localKeys, remoteSigner, type ServerVariant } from './variants';

describeInterop('the real notary-server keeps the contract', () => {
  for (const variant of [localKeys, remoteSigner, likeDtr]) notaryServerContract(variant.name, () => start(variant));
});

async function start({ options }: ServerVariant): Promise<NotaryUnderTest> {
  const stack = await startTrustStack(options);
  const { url, hostAddress } = stack;
  const { caBundle } = stack.authority;
  const walksFromTimestamp = options.storage === 'postgres';
  const server = { url, hostAddress, caBundle, walksFromTimestamp, close: () => stack.close() };
  if (stack.tokens === undefined) return server;
  const { service, username, password } = stack.tokens;
  const registry = new RegistryClient({ hostAddress, caBundle, credentials: { username, password } });
  const challenge = `Bearer realm="${url}/auth/token",service="${service}"`;
  return {
    ...server,
    authorization: async (scope) => (await registry.authorize({ scope, challenge })) ?? '',
    close: async () => {
      await registry.close();
      await stack.close();
    },
  };
}
