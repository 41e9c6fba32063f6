import type { DctError } from '../../error';
import { type DelegationName, type FileMeta, type Gun, instantOf, maySign, type RoleName } from '../documents';
import { digestOf, releases, signerOf, type Target } from '../draft';
import { PublicKey } from '../keys';
import { type VerifiedDelegation, type VerifiedTrust, versionsOf } from '../verification';

/** Who signs the snapshot: the server (docker's default), or whoever publishes (`notary init`'s). */
export type SnapshotManager = 'server' | 'client';

/** A signer of a repository: a delegation right under targets, other than `targets/releases`. */
export interface TrustSigner {
  readonly name: string;
  readonly role: DelegationName;
  readonly keys: readonly PublicKey[];
  /** Why nothing in the signer's file counts. */
  readonly failure: DctError | undefined;
}

/** One signer's valid signature of a tag. */
export interface TagSignature {
  readonly signer: string;
  /** Digest of the manifest, hex. */
  readonly sha256: string;
  /** Size of the manifest, bytes. */
  readonly length: number;
  /** Canonical IDs of the signer's keys that validly signed. */
  readonly keyIds: readonly string[];
  /** Whether `targets/releases` has the same digest: only then docker counts the signature. */
  readonly isReleased: boolean;
}

/** The verified trust data of one repository, as people ask for it. Immutable. */
export class TrustData {
  readonly gun: Gun;
  /** Canonical IDs of the root keys: they stay when a root certificate is renewed. */
  readonly rootKeyIds: readonly string[];
  /** IDs, canonical and TUF, of the root keys that signed the root in force. */
  readonly rootSignerIds: readonly string[];
  /** Canonical ID of the targets key; the first of several. */
  readonly targetsKeyId: string;
  readonly versions: Readonly<Partial<Record<RoleName, number>>>;
  readonly expiries: ReadonlyMap<RoleName, Date>;
  /** The earliest end of a root certificate: once it is over, the repository cannot be saved. */
  readonly rootCertificateExpiry: Date | undefined;
  readonly signers: readonly TrustSigner[];
  /** Roles whose file is over: docker refuses everything for root, targets or snapshot, and a delegation's for that one. */
  readonly expired: readonly RoleName[];

  constructor(
    /** The documents themselves. */
    readonly trust: VerifiedTrust,
    /** Undefined where whoever reads may not ask. */
    readonly snapshotManagedBy: SnapshotManager | undefined,
    /** The version of newer targets that a publish at the same time has put out of force again, where that was looked for. */
    readonly overtakenTargets?: number,
  ) {
    this.gun = trust.gun;
    this.rootKeyIds = [...new Set(trust.rootKeys.map((key) => key.canonicalId))].sort();
    const signers = trust.rootKeys.filter(({ tufId }) => trust.root.validKeyIds.includes(tufId));
    this.rootSignerIds = signers.flatMap(({ canonicalId, tufId }) => [canonicalId, tufId]);
    this.targetsKeyId = targetsKeyId(trust);
    this.versions = versionsOf(trust);
    this.expiries = new Map(documentsOf(trust).map(({ role, signed }) => [role, instantOf(signed.expires)]));
    const lapsed = [...trust.delegations.values()].filter(({ failure }) => failure?.code === 'expired_metadata');
    this.expired = [...new Set([...trust.expired, ...lapsed.map(({ role }) => role)])];
    const ends = trust.rootKeys.flatMap((key) => key.certificate?.notAfter ?? []);
    this.rootCertificateExpiry = ends.sort((a, b) => a.getTime() - b.getTime())[0];
    this.signers = direct(trust)
      .filter(({ role }) => role !== releases)
      .map(({ role, keys, failure }) => ({ name: signerOf(role), role, keys: [...keys.values()], failure }));
  }

  /** Nobody has been made a signer and nothing has been signed. */
  get isBlank(): boolean {
    const { targets, snapshot } = this.trust;
    const files = [...snapshot.signed.meta.keys()].filter((role) => role.startsWith('targets/'));
    const signed = targets.signed.targets?.size ?? 0;
    return direct(this.trust).length === 0 && files.length === 0 && signed === 0;
  }

  /**
   * Versions of all files that are there, whether they count or not; 0 for a delegation that is declared and of which no file
   * is listed. To be held against what was remembered: an old file that has expired meanwhile is a rollback, too, and so is
   * one that is hidden.
   */
  get versionsFound(): Readonly<Partial<Record<RoleName, number>>> {
    const { delegations, snapshot } = this.trust;
    const found = [...delegations.values()].flatMap(({ role, document }): [RoleName, number][] => {
      if (document !== undefined) return [[role, document.signed.version]];
      return snapshot.signed.meta.has(role) ? [] : [[role, 0]];
    });
    return { ...this.versions, ...Object.fromEntries(found) };
  }

  signer(name: string): TrustSigner | undefined {
    return this.signers.find((signer) => signer.name === name);
  }

  /**
   * Every signer's valid signature of a tag, whether it agrees with `targets/releases` or not. `evenExpired`: also those that
   * do not count only because their file has expired.
   */
  signatures(tag: string, { evenExpired = false }: { readonly evenExpired?: boolean } = {}): readonly TagSignature[] {
    const all = this.trust.delegations.get(releases);
    const released = digestOf(all && targetsOf(all, evenExpired).get(tag));
    return this.signers.flatMap(({ name, role }) => {
      const delegation = this.trust.delegations.get(role);
      const meta = delegation && targetsOf(delegation, evenExpired).get(tag);
      const sha256 = digestOf(meta);
      if (delegation === undefined || meta === undefined || sha256 === undefined) return [];
      const keyIds = canonicalIds(delegation);
      return [{ signer: name, sha256, length: Number(meta.length), keyIds, isReleased: sha256 === released }];
    });
  }

  signature(tag: string, signer: string, options: { readonly evenExpired?: boolean } = {}): TagSignature | undefined {
    return this.signatures(tag, options).find((each) => each.signer === signer);
  }

  /** What `targets/releases` validly lists. */
  get releasedTargets(): ReadonlyMap<string, FileMeta> {
    const delegation = this.trust.delegations.get(releases);
    return delegation === undefined ? new Map() : targetsOf(delegation);
  }

  /** What `targets/releases` validly says of a tag: what docker pulls. */
  releasedTarget(tag: string): Target | undefined {
    return targetOf(this.releasedTargets.get(tag));
  }

  /** What targets itself says of a tag, signed with the repository's own key. */
  ownTarget(tag: string): Target | undefined {
    return targetOf(this.trust.targets.signed.targets?.get(tag));
  }

  /** Tags that any signer, `targets/releases` or targets itself validly lists, sorted. */
  get tags(): readonly string[] {
    const lists = direct(this.trust).map((delegation) => targetsOf(delegation));
    const all = [this.trust.targets.signed.targets ?? new Map<string, FileMeta>(), ...lists];
    return [...new Set(all.flatMap((list) => [...list.keys()]))].sort();
  }
}

function direct(trust: VerifiedTrust): VerifiedDelegation[] {
  return [...trust.delegations.values()].filter(({ parent }) => parent === 'targets');
}

/** What counts of a delegation: what its file lists within its paths; targets itself, its parent, may sign everything. */
function targetsOf(
  { declaration, document, failure }: VerifiedDelegation,
  evenExpired = false,
): ReadonlyMap<string, FileMeta> {
  const counts = failure === undefined || (evenExpired && failure.code === 'expired_metadata');
  if (!counts) return new Map();
  return new Map([...(document?.signed.targets ?? [])].filter(([tag]) => maySign(declaration, tag)));
}

function targetOf(meta: FileMeta | undefined): Target | undefined {
  const sha256 = digestOf(meta);
  return meta === undefined || sha256 === undefined ? undefined : { sha256, length: Number(meta.length) };
}

function canonicalIds({ document, keys }: VerifiedDelegation): string[] {
  const ids = (document?.validKeyIds ?? []).flatMap((id) => keys.get(id)?.canonicalId ?? []);
  return [...new Set(ids)].sort();
}

function targetsKeyId({ root }: VerifiedTrust): string {
  const id = root.signed.roles.get('targets')?.keyids?.[0] ?? '';
  const object = root.signed.keys.get(id);
  return object === undefined ? id : PublicKey.fromDocument(object).canonicalId;
}

function documentsOf(trust: VerifiedTrust): { role: RoleName; signed: { expires: string } }[] {
  const files = [...trust.delegations.values()].flatMap(({ document }) => document ?? []);
  return [trust.root, trust.timestamp, trust.snapshot, trust.targets, ...files];
}
