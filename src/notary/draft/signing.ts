import { formatTime, type RoleName, serialise, signedBytes, type TrustDocument } from '../documents';
import type { SigningKey } from './key-ring';

/** A document and the bytes of its file. */
export interface SignedFile<T extends TrustDocument = TrustDocument> {
  readonly signed: T;
  readonly bytes: Buffer;
}

/** Signs with every key given and writes the file exactly as Go does. */
export function sign<T extends TrustDocument>(signed: T, keys: readonly SigningKey[]): SignedFile<T> {
  const message = signedBytes(signed);
  const signatures = keys.map(({ publicKey, privateKey }) => ({ keyid: publicKey.tufId, ...privateKey.sign(message) }));
  return { signed, bytes: serialise(signed, signatures) };
}

/** docker's life spans (notary, const.go): root ten years, targets, delegations and snapshot three. Days. */
const lifeSpans = { root: 3650, targets: 1095, snapshot: 1095 } as const;

export function expiry(role: RoleName, now: Date): string {
  const days = role === 'root' || role === 'snapshot' ? lifeSpans[role] : lifeSpans.targets;
  return formatTime(new Date(now.getTime() + days * 86_400_000));
}
