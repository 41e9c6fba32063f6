import {
  createCipheriv,
  createDecipheriv,
  randomBytes,
  scrypt as scryptWithCallback,
  type ScryptOptions,
} from 'node:crypto';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { DctError } from '../../error';

/*
 * A backup is JSON: scrypt makes a key of the passphrase, AES-256-GCM encrypts the content and vouches for it and for the
 * header. From node:crypto alone, and not a standard container: age would be the one, but is no dependency of ours; JWE is
 * (jose), but its PBES2 costs an attacker no memory, and jose keeps its work factor at 2048 with the parameter that raises it
 * deprecated. Any language with scrypt and GCM opens this in twenty lines: the header says all numbers, and the additional
 * data is the header's JSON text as it stands in `header`.
 */
const format = 'dct-keys-backup-1';
const scrypt: (password: string, salt: Buffer, length: number, options: ScryptOptions) => Promise<Buffer> =
  promisify(scryptWithCallback);

/** RFC 7914's for files, and OWASP's (2023) for scrypt: 128 MiB and some tenths of a second for each guess. */
const usualCost = { N: 2 ** 17, r: 8, p: 1 } as const;
/** A file that asks for more than this is not one of ours. */
const mostMemory = 1024 ** 3;

const base64 = v.pipe(v.string(), v.base64());
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const header = v.strictObject({
  format: v.literal(format),
  kdf: v.strictObject({
    name: v.literal('scrypt'),
    N: count,
    r: count,
    p: v.pipe(count, v.maxValue(16)),
    salt: base64,
  }),
  cipher: v.strictObject({ name: v.literal('aes-256-gcm'), nonce: base64 }),
});
const container = v.strictObject({ header: v.string(), ciphertext: base64, tag: base64 });

const key = v.strictObject({
  /** Canonical key ID. */
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** `root`, `targets`, `snapshot` or a signer's name. */
  role: v.string(),
  gun: v.optional(v.string()),
  /** Docker's key file as it lay in the store, encrypted; or a key (PEM) that is encrypted only here. */
  pem: v.string(),
});
const content = v.strictObject({ made: v.string(), keys: v.array(key) });

export type BackedUpKey = v.InferOutput<typeof key>;

/** What a backup holds. `made`: RFC 3339. */
export type Backup = v.InferOutput<typeof content>;

/** The text of a backup file. `cost`: of scrypt; the file says it, so that it can be raised later. */
export async function sealBackup(backup: Backup, passphrase: string, cost: Cost = usualCost): Promise<string> {
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const head = JSON.stringify({
    format,
    kdf: { name: 'scrypt', ...cost, salt: salt.toString('base64') },
    cipher: { name: 'aes-256-gcm', nonce: nonce.toString('base64') },
  } satisfies v.InferOutput<typeof header>);
  const cipher = createCipheriv('aes-256-gcm', await keyFrom(passphrase, salt, cost), nonce);
  cipher.setAAD(Buffer.from(head));
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(backup)), cipher.final()]).toString('base64');
  const sealed = { header: head, ciphertext, tag: cipher.getAuthTag().toString('base64') };
  return `${JSON.stringify(sealed, null, 1)}\n`;
}

/**
 * Reads a backup, all of it or nothing. Throws `not_a_backup` (another file, or a part of one), `backup_not_opened` (wrong
 * passphrase, or changed), `newer_backup`.
 */
export async function openBackup(text: string, passphrase: string, label: string): Promise<Backup> {
  const sealed = v.safeParse(container, parsed(text));
  const head = v.safeParse(header, sealed.success ? parsed(sealed.output.header) : undefined);
  if (!sealed.success || !head.success || memoryOf(head.output.kdf) > mostMemory) throw notABackup(label);
  const { kdf, cipher } = head.output;
  const secret = await keyFrom(passphrase, Buffer.from(kdf.salt, 'base64'), kdf);
  const opened = decrypt(sealed.output, secret, Buffer.from(cipher.nonce, 'base64'), label);
  const read = v.safeParse(content, parsed(opened));
  if (read.success) return read.output;
  throw new DctError('newer_backup', `${label} opens, but holds what this version does not know`, {
    cure: 'restore it with the version of dct that made it, or a newer one',
  });
}

type Cost = Readonly<Record<'N' | 'r' | 'p', number>>;

function keyFrom(passphrase: string, salt: Buffer, { N, r, p }: Cost): Promise<Buffer> {
  return scrypt(passphrase.normalize('NFC'), salt, 32, { N, r, p, maxmem: 2 * mostMemory });
}

function memoryOf({ N, r }: Cost): number {
  return 128 * N * r;
}

/** Nothing of the text is given out before the tag has vouched for all of it. */
function decrypt(sealed: v.InferOutput<typeof container>, secret: Buffer, nonce: Buffer, label: string): string {
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: 16 });
    decipher.setAAD(Buffer.from(sealed.header));
    decipher.setAuthTag(Buffer.from(sealed.tag, 'base64'));
    return Buffer.concat([decipher.update(sealed.ciphertext, 'base64'), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new DctError(
      'backup_not_opened',
      `${label} does not open: the passphrase is another one, or it was changed`,
      {
        cause,
        cure: 'nothing was written; check the passphrase first, then compare the file with another copy of it',
      },
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notABackup(label: string): DctError {
  return new DctError('not_a_backup', `${label} is not a backup of keys, or not the whole of one`, {
    cure: 'nothing was written; give the file that dct keys backup made',
  });
}
