import { RegistryClient } from '../../src/dtr';
import type { NotaryUnderTest } from '../contract/wire';
import type { TrustStack } from './stack';

/** The server as tests that speak its own protocol see it: its address, and tokens where it wants them. */
export function underTest(stack: TrustStack): NotaryUnderTest {
  const { url, hostAddress } = stack;
  const { caBundle } = stack.authority;
  const server = { url, hostAddress, caBundle };
  if (stack.tokens === undefined) return { ...server, close: () => Promise.resolve() };
  const { service, username, password } = stack.tokens;
  const registry = new RegistryClient({ hostAddress, caBundle, credentials: { username, password } });
  const challenge = `Bearer realm="${url}/auth/token",service="${service}"`;
  return {
    ...server,
    authorization: async (scope) => (await registry.authorize({ scope, challenge })) ?? '',
    close: () => registry.close(),
  };
}
