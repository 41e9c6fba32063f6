import { DctError } from '../../error';
import type { Gun } from '../documents';
import type { PrivateKey, PublicKey } from '../keys';
import type { KeysAtHand } from '../trust-store';

/** A private key together with the form (certificate or bare key) in which a role names it. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  readonly privateKey: PrivateKey;
}

/** Looks up private keys once each. */
export class KeyRing {
  private readonly answers = new Map<string, Promise<PrivateKey | undefined>>();

  constructor(private readonly keys: KeysAtHand) {}

  /** Those of these keys whose private part is at hand. A key that cannot be opened counts as not at hand. */
  async atHand(publicKeys: readonly PublicKey[]): Promise<SigningKey[]> {
    const found = await Promise.all(
      publicKeys.map(async (publicKey) => {
        const privateKey = await this.look(publicKey.canonicalId);
        return privateKey === undefined ? [] : [{ publicKey, privateKey }];
      }),
    );
    return found.flat();
  }

  /** The error when too few of a role's keys are at hand: see `keyNotAtHand`. */
  missing(gun: Gun, role: string, publicKeys: readonly PublicKey[], why: string): Promise<DctError> {
    const ids = publicKeys.map((key) => key.canonicalId);
    return keyNotAtHand(this.keys, gun, role, ids, why);
  }

  /** A key to sign with besides those at hand. */
  lend(key: PrivateKey): void {
    this.answers.set(key.canonicalId, Promise.resolve(key));
  }

  private look(canonicalId: string): Promise<PrivateKey | undefined> {
    const answer = this.answers.get(canonicalId) ?? this.keys.find(canonicalId);
    this.answers.set(canonicalId, answer);
    return answer;
  }
}

/** Too few of a role's keys, by canonical ID, are at hand: names role and keys, and how to load one. */
export async function keyNotAtHand(
  keys: KeysAtHand,
  gun: Gun,
  role: string,
  canonicalIds: readonly string[],
  why: string,
): Promise<DctError> {
  const ids = [...new Set(canonicalIds)].sort();
  const reasons = (await Promise.all(ids.map(async (id) => keys.whyNot?.(id)))).flatMap((reason) => reason ?? []);
  const which =
    ids.length === 0 ? 'it has no key at all' : `no key of it that could sign is at hand: ${ids.join(', ')}`;
  const told = reasons.slice(0, 3).map(({ message }) => message);
  // What is here and does not open is not to be fetched from elsewhere.
  const closed = reasons.find(({ code }) => code !== 'key_not_found');
  const inWords = told.length === 0 ? '' : ` (${told.join('; ')})`;
  return new DctError('key_not_at_hand', `${why}: ${role} of ${gun} has to be signed, and ${which}${inWords}`, {
    cure: closed?.cure ?? cureFor(role, ids),
  });
}

function cureFor(role: string, ids: readonly string[]): string {
  if (ids.length === 0) return 'give the signer a key first';
  if (!role.startsWith('targets/')) {
    return `copy private/${ids[0] ?? ''}.key from the trust store (~/.docker/trust) of whoever made the repository into this one`;
  }
  const signer = role === 'targets/releases' ? '<signer>' : role.slice('targets/'.length);
  return `load the signer's private key (docker trust key load --name ${signer} key.pem)`;
}
