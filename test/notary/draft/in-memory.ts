import { createHash } from 'node:crypto';
import {
  type DelegationName,
  isDelegationName,
  parseDocument,
  type RoleName,
  serialise,
  signedBytes,
  type Snapshot,
  type Timestamp,
} from '../../../src/notary/documents';
import { type DraftNote, type Publication, TrustDraft, type TrustView } from '../../../src/notary/draft';
import { PrivateKey, rootCertificate } from '../../../src/notary/keys';
import type { KeysAtHand } from '../../../src/notary/trust-store';
import type { VerifiedTrust } from '../../../src/notary/verification';
import { verifyChain } from '../verify-files';

export const gun = 'dtr.test/admin/demo';
export const start = new Date('2026-03-01T12:00:00Z');

/** Keys by canonical ID. */
export function handful(keys: readonly PrivateKey[]): KeysAtHand {
  return { find: (id) => Promise.resolve(keys.find((key) => key.canonicalId === id)) };
}

/** A repository and its server, as far as drafts and their publications go. */
export class RepositoryInMemory {
  readonly files = new Map<RoleName, Buffer>();
  readonly rootKey = PrivateKey.generate();
  readonly targetsKey = PrivateKey.generate();
  private readonly timestampKey = PrivateKey.generate('ed25519');
  private version = 0;
  now = start;

  /** `snapshotKey`: the server's, unless a draft is given it. */
  constructor(readonly snapshotKey = PrivateKey.generate('ed25519')) {}

  /** Initialised. */
  static async create(snapshotKey?: PrivateKey): Promise<RepositoryInMemory> {
    const repository = new RepositoryInMemory(snapshotKey);
    await repository.change([], (draft) => {
      draft.initialise(repository.newRepository());
    });
    return repository;
  }

  newRepository(): Parameters<TrustDraft['initialise']>[0] {
    const { rootKey, targetsKey, timestampKey, snapshotKey } = this;
    const certificate = rootCertificate(rootKey, gun, this.now);
    const serverKeys = { timestampKey: timestampKey.publicKey, snapshotKey: snapshotKey.publicKey };
    return { rootKey, rootCertificate: certificate, targetsKey, ...serverKeys };
  }

  /** The targets key is always at hand. */
  draft(keys: readonly PrivateKey[]): TrustDraft {
    return TrustDraft.over(gun, this.view(), { keys: handful([this.targetsKey, ...keys]), now: this.now });
  }

  /** Applies, publishes, and verifies the result as a client would. */
  async change(
    keys: readonly PrivateKey[],
    intent: (draft: TrustDraft) => unknown,
  ): Promise<{ publication: Publication | undefined; notes: DraftNote[] }> {
    const draft = this.draft(keys);
    const answer = await intent(draft);
    const publication = await draft.finish();
    if (publication !== undefined) this.publish(publication);
    return { publication, notes: Array.isArray(answer) ? (answer as DraftNote[]) : [] };
  }

  publish(publication: Publication): void {
    for (const [role, { bytes, signed }] of publication.files) {
      const old = this.files.get(role);
      const before = old === undefined ? 0 : parseDocument(old, role).signed.version;
      expect(signed.version).toBe(before + 1);
      // byte for byte what the server would write, or the repository is lost
      const parsed = parseDocument(bytes, role);
      expect(serialise(parsed.signed, parsed.signatures)).toEqual(bytes);
      this.files.set(role, bytes);
    }
    this.signByServer(publication.files.has('snapshot'));
  }

  /** As a client verifies it; failures of delegations are in the answer. */
  verified(): VerifiedTrust {
    const file = (role: RoleName): Buffer => this.files.get(role) ?? Buffer.alloc(0);
    const fetched = {
      roots: [file('root')],
      timestamp: file('timestamp'),
      snapshot: file('snapshot'),
      targets: file('targets'),
      delegations: this.files,
    };
    return verifyChain(fetched, { gun, now: this.now, allowBrokenDelegations: true });
  }

  /** Tags a role's file lists, if the file counts. */
  tags(role: DelegationName): string[] | undefined {
    const { document, failure } = this.verified().delegations.get(role) ?? {};
    return failure !== undefined || document === undefined
      ? undefined
      : [...(document.signed.targets?.keys() ?? [])].sort();
  }

  keyIds(role: DelegationName): readonly string[] | null | undefined {
    return this.verified().delegations.get(role)?.declaration.keyids;
  }

  view(): TrustView | undefined {
    const root = this.files.get('root');
    if (root === undefined) return undefined;
    const file = (role: RoleName): Buffer => this.files.get(role) ?? Buffer.alloc(0);
    const roles = [...this.files.keys()].filter((role): role is DelegationName => isDelegationName(role));
    return {
      gun,
      root: parseDocument(root, 'root'),
      snapshot: parseDocument(file('snapshot'), 'snapshot'),
      targets: parseDocument(file('targets'), 'targets'),
      delegations: new Map(roles.map((role) => [role, parseDocument(file(role), role)])),
      broken: new Map(),
      damaged: new Set(),
      nested: new Map(),
      leftBehind: new Map(),
    };
  }

  private signByServer(hasSnapshot: boolean): void {
    const expires = '2090-01-01T00:00:00Z';
    this.version++;
    if (!hasSnapshot) {
      const meta = new Map(
        [...this.files]
          .filter(([role]) => role !== 'timestamp' && role !== 'snapshot')
          .map(([role, bytes]) => [role, metaOf(bytes)]),
      );
      const snapshot: Snapshot = { _type: 'Snapshot', expires, meta, version: this.version };
      this.files.set('snapshot', signed(snapshot, this.snapshotKey));
    }
    const meta = new Map([['snapshot', metaOf(this.files.get('snapshot') ?? Buffer.alloc(0))]]);
    const timestamp: Timestamp = { _type: 'Timestamp', expires, meta, version: this.version };
    this.files.set('timestamp', signed(timestamp, this.timestampKey));
  }
}

function signed(document: Snapshot | Timestamp, key: PrivateKey): Buffer {
  const signature = { keyid: key.publicKey.tufId, ...key.sign(signedBytes(document)) };
  return serialise(document, [signature]);
}

function metaOf(bytes: Buffer): { hashes: Map<string, string>; length: number } {
  const hash = (name: string): string => createHash(name).update(bytes).digest('base64');
  return {
    hashes: new Map([
      ['sha256', hash('sha256')],
      ['sha512', hash('sha512')],
    ]),
    length: bytes.length,
  };
}
