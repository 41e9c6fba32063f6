import { getHeapSpaceStatistics } from 'node:v8';
import { PrivateKey } from '../../../src/notary/keys';

/**
 * A process that makes keys such that, over all of them, garbage is collected at every point of making one: before each it
 * fills the young generation to a little more below its end. For `node --max-semi-space-size=1`.
 */
const KEYS = 750;
const NEAR = 30_000;

const left = () =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_available_size ?? 0;
/** Kept where nobody looks, so that the compiler leaves the garbage in. */
let garbage: number[] = [];
const litter = (pieces: number) => {
  for (let n = 0; n < pieces; n++) garbage = [n, n];
};

for (let i = 0; i < KEYS; i++) {
  while (left() < NEAR) litter(100);
  while (left() > NEAR) litter(20);
  litter(i);
  PrivateKey.generate();
}
console.log(`made ${KEYS} keys`, garbage.length);
