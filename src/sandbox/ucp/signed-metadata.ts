import { constants, createHash, createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import * as v from 'valibot';
import { canonicalKeyId } from './key-id';

const hashes = v.record(v.string(), v.string());
const role = v.object({ keyids: v.nullable(v.array(v.string())), threshold: v.number() });
const key = v.object({ keytype: v.string(), keyval: v.object({ public: v.string() }) });
const envelope = v.object({
  signed: v.looseObject({ _type: v.string(), version: v.number(), expires: v.string() }),
  signatures: v.array(v.object({ keyid: v.string(), method: v.string(), sig: v.string() })),
});

export const rootSchema = v.object({
  keys: v.record(v.string(), key),
  roles: v.object({ root: role, targets: role, snapshot: role, timestamp: role }),
});
export const metaSchema = v.object({ meta: v.record(v.string(), v.object({ hashes })) });
export const targetsSchema = v.object({
  targets: v.record(v.string(), v.object({ hashes })),
  delegations: v.object({
    keys: v.record(v.string(), key),
    roles: v.nullable(v.array(v.object({ ...role.entries, name: v.string(), paths: v.nullish(v.array(v.string())) }))),
  }),
});

export type MetadataRole = v.InferOutput<typeof role>;
export type MetadataKeys = Readonly<Record<string, v.InferOutput<typeof key>>>;

/** Trust data that is missing, cannot be fetched, or does not hold what it promises. */
export class TrustUnavailable extends Error {
  override readonly name = 'TrustUnavailable';
}

/**
 * One file of Notary's, read as the admission of the sandbox does it: with verification of its own, see `key-id.ts`.
 */
export class SignedMetadata {
  private constructor(
    readonly name: string,
    readonly bytes: Buffer,
    private readonly document: v.InferOutput<typeof envelope>,
  ) {}

  /** @throws TrustUnavailable */
  static parse(name: string, bytes: Buffer): SignedMetadata {
    return new SignedMetadata(name, bytes, check(envelope, JSON.parse(bytes.toString('utf8')), name));
  }

  get sha256(): string {
    return createHash('sha256').update(this.bytes).digest('base64');
  }

  /** The signed part against the schema of its kind. */
  as<Schema extends v.GenericSchema>(schema: Schema): v.InferOutput<Schema> {
    return check(schema, this.document.signed, this.name);
  }

  /**
   * @returns canonical IDs of the role's keys whose signatures are valid
   * @throws TrustUnavailable when they are fewer than the role's threshold, or the file has expired
   */
  verify(by: MetadataRole, keys: MetadataKeys, now: Date): string[] {
    if (new Date(this.document.signed.expires) <= now) throw new TrustUnavailable(`${this.name} has expired`);
    const message = Buffer.from(canonical(this.document.signed));
    const signers = new Set<string>();
    for (const keyId of by.keyids ?? []) {
      const entry = keys[keyId];
      if (entry === undefined) continue;
      const publicKey = keyObject(entry);
      const id = publicKey === undefined ? undefined : canonicalKeyId(publicKey);
      if (publicKey === undefined || id === undefined || isWeak(publicKey)) continue;
      const valid = this.document.signatures.some(
        ({ keyid, method, sig }) => keyid === keyId && isSignature(method, publicKey, message, sig),
      );
      if (valid) signers.add(id);
    }
    if (signers.size < Math.max(1, by.threshold)) {
      throw new TrustUnavailable(`${this.name}: valid signatures did not meet threshold`);
    }
    return [...signers];
  }
}

function check<Schema extends v.GenericSchema>(schema: Schema, value: unknown, name: string): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) throw new TrustUnavailable(`${name} is not Notary metadata: ${parsed.issues[0].message}`);
  return parsed.output;
}

function keyObject({ keytype, keyval }: MetadataKeys[string]): KeyObject | undefined {
  const bytes = Buffer.from(keyval.public, 'base64');
  try {
    if (keytype.endsWith('-x509')) return new X509Certificate(bytes).publicKey;
    // RFC 8410: what stands before the 32 bytes of an ed25519 key in its SPKI.
    const prefix = Buffer.from(keytype === 'ed25519' ? '302a300506032b6570032100' : '', 'hex');
    return createPublicKey({ key: Buffer.concat([prefix, bytes]), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

function isWeak(publicKey: KeyObject): boolean {
  return publicKey.asymmetricKeyType === 'rsa' && (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) < 2048;
}

function isSignature(method: string, publicKey: KeyObject, message: Buffer, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64');
  switch (method) {
    case 'ecdsa':
      return verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes);
    case 'rsapss':
      return verify(
        'sha256',
        message,
        { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
        bytes,
      );
    case 'eddsa':
      return verify(null, message, publicKey, bytes);
    default:
      return false;
  }
}

/** OLPC's canonical JSON as docker/go has it: keys sorted by bytes, only `\` and `"` escaped. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return `{${entries.map(([name, item]) => `${canonical(name)}:${canonical(item)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
