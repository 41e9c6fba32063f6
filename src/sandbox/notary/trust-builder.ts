import { createHash, timingSafeEqual } from 'node:crypto';
import {
  type Envelope,
  type FileMeta,
  type Listing,
  readEnvelope,
  readListing,
  readTargets,
  type Root,
  type Targets,
} from './documents';
import { type GoTime, goTimeOf } from './go-decoding';
import { encodeSigned, type GoSignature, type GoValue } from './go-encoding';
import { fileMetaOf, listingValue, rootValue, signedValueBytes, targetsValue } from './reserialise';
import { trustedRoot } from './root-trust';
import type { ServerKeys } from './server-keys';
import { InvalidMetadata, signingRole, type SigningRole, verifySignatures } from './signatures';
import { parentOf, validateSnapshot, validateTargets, validateTimestamp } from './structure';

interface Loaded<T> {
  readonly value: T;
  readonly signatures: readonly GoSignature[];
}

/** A file the server made. */
export interface Generated {
  readonly version: number;
  readonly bytes: Buffer;
}

/** The server does not hold enough keys of the role. */
export class MissingKeys extends Error {}

const day = 24 * 60 * 60 * 1000;

/**
 * Trust data of one GUN being put together file by file, each checked against those before it (notary: tuf.RepoBuilder).
 * What the server hashes is its own writing of what it has read, never the bytes it was sent: that is the trap the sandbox
 * is for. Load methods throw InvalidMetadata or GoJsonError.
 */
export class TrustBuilder {
  private root: Loaded<Root> | undefined;
  private snapshot: Loaded<Listing> | undefined;
  private readonly targets = new Map<string, Loaded<Targets>>();
  /** Bytes of the files a posted snapshot has still to vouch for. */
  private readonly unchecked = new Map<string, Buffer>();

  constructor(
    private readonly gun: string,
    private readonly keys: ServerKeys,
    private readonly now: Date,
    private readonly previousRoot?: Root,
  ) {}

  get loadedRoot(): Root | undefined {
    return this.root?.value;
  }

  isLoaded(role: string): boolean {
    return this.targets.has(role);
  }

  loadRoot(bytes: Buffer, minVersion: number, allowExpired: boolean): void {
    const envelope = this.open('root', bytes);
    const value = trustedRoot(envelope, this.gun, this.previousRoot, this.now);
    this.checkVersion(value.version, minVersion);
    if (!allowExpired) this.checkExpiry('root', value.expires);
    this.root = { value, signatures: envelope.signatures };
  }

  /** `targets` or a delegation whose parent is loaded. */
  loadTargets(role: string, bytes: Buffer, allowExpired: boolean): void {
    const root = this.need(this.root, 'root');
    if (role !== 'targets') this.need(this.targets.get('targets'), 'targets');
    const signing = role === 'targets' ? baseRole(root.value, 'targets') : this.delegation(role);
    const envelope = this.open(role, bytes);
    if (role === 'targets') verifySignatures(envelope, signing);
    const value = readTargets(signedOf(envelope));
    validateTargets(value, role);
    this.checkVersion(value.version, 1);
    if (role !== 'targets') verifySignatures(envelope, signing);
    if (!allowExpired) this.checkExpiry(role, value.expires);
    this.targets.set(role, { value, signatures: envelope.signatures });
  }

  /** A snapshot signed by a client: it has to name the loaded files by the hashes of the bytes sent. */
  loadSnapshot(bytes: Buffer, checkContents = true): void {
    const root = this.need(this.root, 'root');
    const envelope = readEnvelope(bytes);
    verifySignatures(envelope, baseRole(root.value, 'snapshot'));
    const value = readListing(signedOf(envelope));
    validateSnapshot(value);
    this.checkVersion(value.version, 1);
    this.checkExpiry('snapshot', value.expires);
    for (const [role, content] of checkContents ? this.unchecked : [])
      checkHashes(content, role, value.meta?.get(role));
    this.snapshot = { value, signatures: envelope.signatures };
  }

  /** The next snapshot after `previous`, with the loaded files put in. @throws MissingKeys */
  generateSnapshot(previous: Buffer | undefined): Generated {
    const root = this.need(this.root, 'root');
    if (previous === undefined) this.need(this.targets.get('targets'), 'targets');
    const before = previous === undefined ? undefined : readListing(signedOf(readEnvelope(previous)));
    if (before !== undefined) validateSnapshot(before);
    const meta = new Map(before?.meta ?? []);
    meta.set('root', fileMetaOf(encodeSigned(rootValue(root.value), root.signatures)));
    for (const [role, { value, signatures }] of this.targets) {
      meta.set(role, fileMetaOf(encodeSigned(targetsValue(value), signatures)));
    }
    const next = this.nextListing('Snapshot', before, meta, 3 * 365);
    const signatures = this.sign(next, baseRole(root.value, 'snapshot'));
    this.snapshot = { value: next, signatures };
    return { version: next.version, bytes: encodeSigned(listingValue(next), signatures) };
  }

  /** The next timestamp after `previous`, for the loaded or generated snapshot. @throws MissingKeys */
  generateTimestamp(previous: Buffer | undefined): Generated {
    const root = this.need(this.root, 'root');
    const snapshot = this.need(this.snapshot, 'snapshot');
    const before = previous === undefined ? undefined : readListing(signedOf(readEnvelope(previous)));
    if (before !== undefined) validateTimestamp(before);
    const meta = new Map(before?.meta ?? []);
    meta.set('snapshot', fileMetaOf(encodeSigned(listingValue(snapshot.value), snapshot.signatures)));
    const next = this.nextListing('Timestamp', before, meta, 14);
    const signatures = this.sign(next, baseRole(root.value, 'timestamp'));
    return { version: next.version, bytes: encodeSigned(listingValue(next), signatures) };
  }

  private nextListing(
    type: string,
    before: Listing | undefined,
    meta: ReadonlyMap<string, FileMeta>,
    days: number,
  ): Listing {
    const expires = goTimeOf(new Date(this.now.getTime() + days * day));
    return { type, version: (before?.version ?? 0) + 1, expires, meta };
  }

  private sign(listing: Listing, role: SigningRole): GoSignature[] {
    const value: GoValue = listingValue(listing);
    const signatures: GoSignature[] = [];
    for (const [id, key] of role.keys) {
      const signature = this.keys.sign(key, signedValueBytes(value));
      // what notary-server hands through from its signer
      if (signature === undefined) throw new InvalidMetadata(`rpc error: code = NotFound desc = key ${id} not found`);
      signatures.push(signature);
    }
    if (signatures.length < role.threshold) throw new MissingKeys(`no ${role.name} keys`);
    return signatures;
  }

  /** What the parent says of a delegation. */
  private delegation(role: string): SigningRole {
    const parent = this.targets.get(parentOf(role));
    const declared = parent?.value.delegationRoles?.find(({ name }) => name === role);
    if (parent === undefined || declared === undefined) {
      throw new InvalidMetadata(`tuf: invalid role ${role}. delegation does not exist`);
    }
    return signingRole(role, declared, parent.value.delegationKeys);
  }

  private open(role: string, bytes: Buffer): Envelope {
    this.unchecked.set(role, bytes);
    return readEnvelope(bytes);
  }

  private need<T>(loaded: T | undefined, role: string): T {
    if (loaded === undefined) throw new InvalidMetadata(`${role} must be loaded first`);
    return loaded;
  }

  private checkVersion(version: number, minimum: number): void {
    if (version < minimum) throw new InvalidMetadata(`version ${version} is lower than current version ${minimum}`);
  }

  private checkExpiry(role: string, expires: GoTime): void {
    if (expires.milliseconds < this.now.getTime())
      throw new InvalidMetadata(`${role} expired at ${shownTime(expires)}`);
  }
}

function baseRole(root: Root, name: string): SigningRole {
  const role = root.roles?.get(name);
  if (role === undefined || role === null)
    throw new InvalidMetadata(`tuf: invalid role ${name}. role not found in root file`);
  return signingRole(name, role, root.keys);
}

function signedOf(envelope: Envelope): NonNullable<Envelope['signed']> {
  if (envelope.signed === undefined) throw new InvalidMetadata('nothing is signed');
  return envelope.signed;
}

function checkHashes(content: Buffer, role: string, meta: FileMeta | undefined): void {
  let checked = 0;
  for (const [algorithm, expected] of meta?.hashes ?? []) {
    if (algorithm !== 'sha256' && algorithm !== 'sha512') continue;
    const actual = createHash(algorithm).update(content).digest();
    const wanted = expected ?? Buffer.alloc(0);
    if (actual.length !== wanted.length || !timingSafeEqual(actual, wanted)) {
      throw new InvalidMetadata(`${algorithm} checksum for ${role} did not match: expected ${wanted.toString('hex')}`);
    }
    checked += 1;
  }
  if (checked === 0) throw new InvalidMetadata(`no checksums for supported algorithms were provided for ${role}`);
}

/** `Mon Jan 2 15:04:05 UTC 2006`, as Go shows it. */
function shownTime(time: GoTime): string {
  const [weekday = '', day = '', month = '', year = '', clock = ''] = new Date(time.milliseconds)
    .toUTCString()
    .split(' ');
  return `${weekday.replace(',', '')} ${month} ${Number(day)} ${clock} UTC ${year}`;
}
