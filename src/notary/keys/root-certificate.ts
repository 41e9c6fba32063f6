import { randomBytes } from 'node:crypto';
import { DctError } from '../../error';
import type { Gun } from '../documents';
import { bits, explicit, integer, nothing, octets, oid, sequence, set, smallInteger, text, time, yes } from './der';
import type { PrivateKey } from './private-key';
import { PublicKey } from './public-key';

const DAY = 86_400_000;
/** Ten years, as docker counts them. */
const VALID_FOR = 3650 * DAY;

/** By size of the public key's DER, which gives the curve; Go picks the digest by curve too. */
const ECDSA = [
  { upTo: 91, digest: 'sha256', algorithm: '1.2.840.10045.4.3.2' },
  { upTo: 120, digest: 'sha384', algorithm: '1.2.840.10045.4.3.3' },
  { upTo: 158, digest: 'sha512', algorithm: '1.2.840.10045.4.3.4' },
] as const;

/**
 * The self-signed certificate that stands for a root key in the root.json of one repository, as docker makes it: common name
 * = GUN, valid 3650 days from `now`, digitalSignature and keyEncipherment, codeSigning, not a CA.
 * Throws `unsupported_key` for a root key that cannot have one (ed25519).
 */
export function rootCertificate(rootKey: PrivateKey, gun: Gun, now: Date): PublicKey {
  const { keyType } = rootKey.publicKey;
  const spki = Buffer.from(rootKey.publicKey.toDocument().keyval.public, 'base64');
  const choice =
    keyType === 'ecdsa'
      ? ECDSA.find(({ upTo }) => spki.length <= upTo)
      : keyType === 'rsa'
        ? ({ digest: 'sha256', algorithm: '1.2.840.113549.1.1.11' } as const)
        : undefined;
  if (!choice || (keyType !== 'ecdsa' && keyType !== 'rsa')) {
    throw new DctError('unsupported_key', `a key of type ${keyType} cannot be the root key of ${gun}`, {
      cure: 'use an ECDSA key on P-256 or an RSA key of 2048 bits or more',
    });
  }
  const algorithm = keyType === 'rsa' ? sequence(oid(choice.algorithm), nothing) : sequence(oid(choice.algorithm));
  const name = sequence(set(sequence(oid('2.5.4.3'), text(gun))));
  const toBeSigned = sequence(
    explicit(0, smallInteger(2)), // v3
    integer(randomBytes(16)),
    algorithm,
    name,
    sequence(time(now), time(new Date(now.getTime() + VALID_FOR))),
    name,
    spki,
    explicit(
      3,
      sequence(
        sequence(oid('2.5.29.15'), yes, octets(bits(Buffer.from([0b1010_0000]), 5))),
        sequence(oid('2.5.29.37'), octets(sequence(oid('1.3.6.1.5.5.7.3.3')))),
        sequence(oid('2.5.29.19'), yes, octets(sequence())),
      ),
    ),
  );
  const signature = rootKey.signDer(choice.digest, toBeSigned);
  return PublicKey.fromCertificate(keyType, sequence(toBeSigned, algorithm, bits(signature)));
}
