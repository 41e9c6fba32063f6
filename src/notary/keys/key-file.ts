import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import { DctError } from '../../error';
import type { Gun } from '../documents';
import { octets, oid, sequence, smallInteger } from './der';
import { encodePem, pemBlocks } from './pem';
import { PrivateKey, isEncrypted } from './private-key';

/** A key file of docker's store, read but not decrypted. */
export interface KeyFile {
  /** `root`, `targets`, `snapshot`, or a signer's name; empty in files of other origin. */
  readonly role: string;
  /** Only of repository keys. */
  readonly gun: Gun | undefined;
  /** The header of notary before 0.3. */
  readonly path: string | undefined;
  readonly isEncrypted: boolean;
  /** Throws `passphrase_missing`, `wrong_passphrase`, `malformed_pem`, `weak_key`, `unsupported_key`. */
  decrypt(passphrase?: string): PrivateKey;
}

const ITERATIONS = 2048;

/**
 * A key file as docker writes it: PEM headers `gun` and `role`, PKCS#8 encrypted by PBES2 with PBKDF2-HMAC-SHA1 and
 * AES-256-CBC. Written by hand because Node's export uses HMAC-SHA256, which notary cannot read.
 * Throws `passphrase_missing`: an unencrypted key is never written.
 */
export function encodeKeyFile(
  key: PrivateKey,
  options: { readonly role: string; readonly gun?: Gun; readonly passphrase: string },
): string {
  const { role, gun, passphrase } = options;
  if (passphrase === '') throw new DctError('passphrase_missing', `no passphrase to encrypt ${key.toString()} with`);
  if (key.publicKey.keyType === 'ed25519') {
    throw new DctError('unsupported_key', `${key.toString()} is an ed25519 key, which docker does not read`, {
      cure: 'use an ECDSA key on P-256 or an RSA key of 2048 bits or more',
    });
  }
  const salt = randomBytes(8);
  const iv = randomBytes(16);
  const secret = pbkdf2Sync(passphrase, salt, ITERATIONS, 32, 'sha1');
  const cipher = createCipheriv('aes-256-cbc', secret, iv);
  const encrypted = Buffer.concat([cipher.update(key.exportPkcs8()), cipher.final()]);
  const derivation = sequence(
    oid('1.2.840.113549.1.5.12'),
    // No prf: HMAC-SHA1 is the default, and the only one notary knows.
    sequence(octets(salt), smallInteger(ITERATIONS)),
  );
  const scheme = sequence(oid('2.16.840.1.101.3.4.1.42'), octets(iv));
  const der = sequence(sequence(oid('1.2.840.113549.1.5.13'), sequence(derivation, scheme)), octets(encrypted));
  // docker keeps the GUN of repository keys only: root and signers' keys serve many.
  const repository = role === 'targets' || role === 'snapshot';
  return encodePem('ENCRYPTED PRIVATE KEY', der, {
    ...(gun !== undefined && repository ? { gun } : {}),
    ...(role === '' ? {} : { role }),
  });
}

/** Reads a key file of docker, notary or OpenSSL. `label` names it in errors. Throws `malformed_pem`, `unsupported_key`. */
export function decodeKeyFile(text: string, label: string): KeyFile {
  const block = pemBlocks(text, label).find(({ type }) => type !== 'EC PARAMETERS');
  if (!block?.type.endsWith('PRIVATE KEY')) {
    throw new DctError('unsupported_key', `${label} holds no private key`, {
      cure: 'take this file out of the trust store, or put the key file back from a backup',
    });
  }
  return {
    role: block.headers.get('role') ?? '',
    gun: block.headers.get('gun'),
    path: block.headers.get('path'),
    isEncrypted: isEncrypted(block),
    decrypt: (passphrase) =>
      PrivateKey.fromBlock(block, { label, ...(passphrase === undefined ? {} : { passphrase }) }),
  };
}
