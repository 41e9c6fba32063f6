import { notaryServerContract } from '../contract/notary-server';
import type { NotaryUnderTest } from '../contract/wire';
import { describeInterop } from './programs';
import { startTrustStack } from './stack';
import { underTest } from './under-test';
import { likeDtr, localKeys, remoteSigner, type ServerVariant } from './variants';

describeInterop('the real notary-server keeps the contract', () => {
  for (const variant of [localKeys, remoteSigner, likeDtr]) notaryServerContract(variant.name, () => start(variant));
});

async function start({ options }: ServerVariant): Promise<NotaryUnderTest> {
  const stack = await startTrustStack(options);
  const server = underTest(stack);
  const close = async (): Promise<void> => {
    await server.close();
    await stack.close();
  };
  return { ...server, walksFromTimestamp: options.storage === 'postgres', close };
}
