import { beginningContract } from './beginning';
import { ContractBench } from './bench';
import { delegationsContract } from './delegations';
import { rootsContract } from './roots';
import { targetsContract } from './targets';
import type { NotaryUnderTest } from './wire';

/**
 * What a Notary server does, as the real notary-server 0.7 does it. The same suite runs on the real one and on the sandbox's,
 * so that the sandbox cannot drift from the truth. `start` gives a server without any trust data under its host address.
 */
export function notaryServerContract(name: string, start: () => Promise<NotaryUnderTest>): void {
  describe(`Notary server contract: ${name}`, () => {
    const at = new ContractBench();
    beforeAll(() => at.open(start));
    afterAll(() => at.close());

    beginningContract(at);
    targetsContract(at);
    delegationsContract(at);
    rootsContract(at);
  });
}
