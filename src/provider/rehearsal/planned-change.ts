import type { ClusterFacts, RepositoryTrust, SigningPolicy, TagSignature } from '../../admission';
import { UNKNOWN, type Unknown } from '../../plugin';
import { registered, unregistered } from './registries';

/**
 * What the plan of one resource makes of one thing that admission depends on: it will stand there, or be gone. UNKNOWN is
 * what only the apply will know.
 */
export type PlannedChange = ClusterChange | TrustChange;

export type ClusterChange = { readonly stands: boolean; readonly cluster: string | Unknown } & (
  | { readonly of: 'registration'; readonly hostAddress: string | Unknown }
  /** Of one that goes: what the cluster has afterwards. */
  | { readonly of: 'policy'; readonly policy: SigningPolicy | Unknown }
);

export type TrustChange = { readonly stands: boolean; readonly gun: string | Unknown } & (
  | { readonly of: 'repository' }
  /** IDs are canonical. */
  | {
      readonly of: 'signer';
      readonly signer: string | Unknown;
      readonly keyIds: readonly string[] | Unknown;
      /** Of them: those that stay, in another certificate. What they have signed has to be signed again. @default none */
      readonly renewedIds?: readonly string[];
    }
  | {
      readonly of: 'signature';
      readonly signer: string | Unknown;
      readonly tag: string | Unknown;
      /** Of the manifest, hex. */
      readonly sha256: string | Unknown;
    }
);

type SignerChange = Extract<TrustChange, { readonly of: 'signer' }>;

/** Something as it will be. `certain`: nothing that is not known yet can make it better than this. */
export interface Outlook<T> {
  readonly then: T;
  readonly certain: boolean;
}

/** Trust data as it is: who may sign, and what is signed. */
export interface TrustNow {
  /** Canonical key IDs by signer. */
  readonly signers: ReadonlyMap<string, readonly string[]>;
  readonly tags: Exclude<RepositoryTrust, 'not_read' | undefined>;
}

export function isOfTrust(change: PlannedChange): change is TrustChange {
  return change.of !== 'registration' && change.of !== 'policy';
}

/** What goes, goes first: an object that is replaced stands in the end, whatever the order of the two plans. */
function inOrder<T extends PlannedChange>(changes: readonly T[]): T[] {
  const order = ['registration', 'policy', 'repository', 'signer', 'signature'];
  const rank = ({ of, stands }: T): number => (stands ? order.indexOf(of) : -1);
  return [...changes].sort((a, b) => rank(a) - rank(b));
}

export function clusterThen(facts: ClusterFacts, changes: readonly PlannedChange[]): Outlook<ClusterFacts> {
  let then = facts;
  let certain = true;
  for (const change of inOrder(changes)) {
    if (isOfTrust(change)) continue;
    if (change.cluster === UNKNOWN) certain &&= !change.stands;
    if (change.cluster !== facts.name) continue;
    if (change.of === 'policy') {
      if (change.policy === UNKNOWN) certain = false;
      else then = { ...then, policy: change.policy };
    } else if (change.hostAddress === UNKNOWN) {
      certain &&= !change.stands;
    } else {
      then = (change.stands ? registered : unregistered)(then, change.hostAddress);
    }
  }
  return { then, certain };
}

/** `atHand`: canonical IDs of the keys that can be signed with here. */
export function trustThen(
  gun: string,
  now: TrustNow | undefined,
  changes: readonly PlannedChange[],
  atHand: ReadonlySet<string>,
): Outlook<RepositoryTrust> {
  const planned = new PlannedTrust(now, atHand);
  for (const change of inOrder(changes)) {
    if (!isOfTrust(change)) continue;
    if (change.gun === UNKNOWN && change.stands) planned.certain = false;
    if (change.gun !== gun) continue;
    if (change.of === 'repository') planned.repository(change.stands);
    else if (change.of === 'signer') planned.signer(change);
    else if (change.signer === UNKNOWN) planned.certain &&= !change.stands;
    else if (change.tag === UNKNOWN) planned.certain &&= !change.stands;
    else planned.signature(change.signer, change.tag, change.stands, change.sha256);
  }
  return { then: planned.exists ? planned.tags : undefined, certain: planned.certain };
}

const RELEASES = 'targets/releases';
const roleOf = (signer: string): string => `targets/${signer}`;

/** Trust data with planned changes made to it, one by one. */
class PlannedTrust {
  certain = true;
  exists: boolean;
  readonly tags: Map<string, readonly TagSignature[]>;
  readonly #signers: Map<string, readonly string[] | Unknown>;

  constructor(
    now: TrustNow | undefined,
    private readonly atHand: ReadonlySet<string>,
  ) {
    this.exists = now !== undefined;
    this.tags = new Map(now?.tags);
    this.#signers = new Map(now?.signers);
  }

  repository(stands: boolean): void {
    this.exists = stands;
    if (stands) return;
    this.tags.clear();
    this.#signers.clear();
  }

  /** With other keys what was signed is signed again with those at hand (rule 5). */
  signer({ signer: name, stands, keyIds, renewedIds = [] }: SignerChange): void {
    if (name === UNKNOWN) {
      this.certain &&= !stands;
      return;
    }
    const role = roleOf(name);
    if (!stands) {
      this.#signers.delete(name);
      this.#edit((signatures) => signatures.filter((each) => each.role !== role));
      return;
    }
    this.exists = true;
    this.#signers.set(name, keyIds);
    this.#edit((signatures) =>
      signatures.flatMap((each) => {
        if (each.role !== role) return [each];
        if (keyIds === UNKNOWN) this.certain = false;
        const kept =
          keyIds === UNKNOWN ? [] : each.keyIds.filter((id) => keyIds.includes(id) && !renewedIds.includes(id));
        const left = kept.length > 0 ? kept : this.#usable(keyIds);
        return left.length > 0 ? [{ ...each, keyIds: left }] : [];
      }),
    );
  }

  signature(signer: string, tag: string, stands: boolean, sha256: string | Unknown): void {
    const role = roleOf(signer);
    const signatures = this.tags.get(tag) ?? [];
    const others = signatures.filter((each) => each.role !== role);
    if (stands) {
      const keyIds = this.#usable(this.#signers.get(signer) ?? UNKNOWN);
      if (sha256 === UNKNOWN || keyIds.length === 0) {
        this.certain = false;
        return;
      }
      this.exists = true;
      const unreleased = others.filter((each) => each.role !== RELEASES);
      this.tags.set(tag, [...unreleased, { role, sha256, keyIds }, { role: RELEASES, sha256, keyIds }]);
      return;
    }
    const digest = signatures.find((each) => each.role === role)?.sha256;
    const isHeld = others.some((each) => each.role !== RELEASES && each.sha256 === digest);
    this.tags.set(
      tag,
      others.filter((each) => isHeld || each.role !== RELEASES || each.sha256 !== digest),
    );
  }

  #usable(keyIds: readonly string[] | Unknown): string[] {
    return keyIds === UNKNOWN ? [] : keyIds.filter((id) => this.atHand.has(id));
  }

  #edit(change: (signatures: readonly TagSignature[]) => readonly TagSignature[]): void {
    for (const [tag, signatures] of this.tags) this.tags.set(tag, change(signatures));
  }
}
