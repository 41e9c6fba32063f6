import { DctError } from '../../error';
import type { TrustData } from '../../notary';
import type { Context } from '../../plugin';

type Damaged = Pick<TrustData, 'gun'> & { readonly trust: Pick<TrustData['trust'], 'damaged'> };

/** What verifies, but docker cannot read: for whoever cannot heal it. */
export function unreadable(data: Damaged): DctError {
  return new DctError('missing_metadata', `docker cannot read the trust data of ${data.gun}: ${reason(data)}`, {
    cure: CURE,
  });
}

export function warnOfDamage(data: Damaged, warn: Context['warn']): void {
  warn(undefined, `docker cannot read the trust data of ${data.gun}`, `${sentence(reason(data))}. ${sentence(CURE)}.`);
}

/** Newer targets than those in force: see `TrustData.overtakenTargets`. */
export function warnOfOvertaken(gun: string, version: number, warn: Context['warn']): void {
  const detail =
    `Somebody else published signatures at the same moment, and the server went on from an older one. What version ` +
    `${version} says of signers does not count until the next change here signs it again; this plan shows what is in force.`;
  warn(undefined, `Version ${version} of targets of ${gun} is not in force any more`, detail);
}

const CURE =
  'what is there verifies, and the next change by whoever has the key publishes it again: dct_repository plans one by itself';

function reason({ trust: { damaged } }: Damaged): string {
  const files = damaged.join(', ');
  return `the server does not give out ${files} as it is named; somebody published it in another form, or only half of it was stored`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
