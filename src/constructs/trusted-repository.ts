import { Construct } from 'constructs';
import * as dct from '../bindings';
import { atSynth } from './at-synth';
import type { CentralRegistry } from './central-registry';
import { dependOn } from './dependencies';
import { digestProblem, repositoryProblem, tagProblem } from './names';
import { refusal, refuse } from './refusal';
import type { Signer } from './signer';

export interface TrustedRepositoryProps {
  /**
   * What becomes of the trust data on destroy.
   * @default "keep"
   */
  readonly onDestroy?: 'keep' | 'delete';
  /**
   * Take over trust data that is there already, such as a destroy kept. Needs `expectedRootKeyIds`.
   * @default false
   */
  readonly adoptExisting?: boolean;
  /**
   * Root key IDs one of which must vouch for the trust data.
   * @default - any, for a repository that is made here
   */
  readonly expectedRootKeyIds?: readonly string[];
  /**
   * Counters: raising one gives that role a new key, in place, which needs the root key.
   * @default - no key is rotated
   */
  readonly rotate?: RotateProps;
  /**
   * Who signs the snapshot. From `client` to `server` it is handed over, by a rotation; there is no way back.
   * @default - as found; the server for a repository that is made here, as docker does
   */
  readonly snapshotManagedBy?: 'server' | 'client';
  /**
   * What to do where trust data that the state knows is gone: `recreate` makes it anew, with another targets key.
   * @default "error"
   */
  readonly whenLost?: 'error' | 'recreate';
  /**
   * Days before its end that the root, the list of signers or the snapshot is signed again.
   * @default 30
   */
  readonly minValidityDays?: number;
}

/** Whole numbers that only ever go up. What a repository begins with rotates nothing. */
export interface RotateProps {
  /**
   * To the root key that `trustStore.rootKeyId` names, or a new one where `trustStore.createRootKey` allows it. Signed with the
   * old one too, so that whoever knows that follows.
   * @default 0
   */
  readonly root?: number;
  /**
   * The key that signs the list of signers: a new one is made in the trust store.
   * @default 0
   */
  readonly targets?: number;
  /**
   * The server's key for the snapshot.
   * @default 0
   */
  readonly snapshot?: number;
  /**
   * The server's key for the timestamp.
   * @default 0
   */
  readonly timestamp?: number;
}

export interface AddSignerProps {
  /**
   * Let the change of keys, or the removal, take the last valid signature from tags.
   * @default false
   */
  readonly allowUnsigning?: boolean;
}

export interface SignTagProps {
  /** Digest of the image's manifest: `sha256:…`. */
  readonly digest: string;
  /** Whose signature. Its key has to be at hand: its `privateKeyPath`, or docker's trust store. */
  readonly signer: Signer;
  /**
   * What becomes of the signature on destroy.
   * @default "revoke"
   */
  readonly onDestroy?: 'revoke' | 'keep';
  /**
   * A digest that somebody else signed for the tag, and that this one may replace: `sha256:…`.
   * @default - no other than this signature's own before
   */
  readonly replacesDigest?: string;
  /**
   * Days before its end that the signature is made again.
   * @default 30
   */
  readonly minValidityDays?: number;
}

/** A repository of the central registry with trust data. Made by {@link CentralRegistry.repository}. */
export class TrustedRepository extends Construct {
  /** Without the registry: `admin/trustdemo`. */
  readonly name: string;
  /** Undefined for a repository that another stack makes. */
  readonly resource: dct.Repository | undefined;
  private readonly delegations = new Map<Signer, dct.SignerDelegation>();

  /** @internal */
  constructor(
    readonly registry: CentralRegistry,
    name: string,
    { existing, expectedRootKeyIds, ...props }: TrustedRepositoryProps & { readonly existing: boolean },
  ) {
    super(registry, name);
    refuse(this, repositoryProblem(name, registry.hostAddress));
    this.name = name;
    const { provider } = registry;
    if (existing) return;
    const pins = expectedRootKeyIds && [...expectedRootKeyIds];
    this.resource = new dct.Repository(this, 'Default', { name, provider, expectedRootKeyIds: pins, ...props });
  }

  /**
   * Lets somebody sign: the delegation `targets/<signer>`, as `docker trust signer add` makes it. It waits until the signer's
   * cluster has this registry registered. Throws `invalid_construct` when another signer of that name is there.
   */
  addSigner(signer: Signer, props: AddSignerProps = {}): dct.SignerDelegation {
    const known = this.delegations.get(signer);
    if (known !== undefined) return known;
    const namesake = [...this.delegations.keys()].find(({ name }) => name === signer.name);
    if (namesake !== undefined) {
      throw refusal(
        this,
        `it has two signers called ${signer.name} (${namesake.reference}, ${signer.reference}), which would be one delegation`,
        'give one of them another name',
      );
    }
    const { provider } = this.registry;
    const { name, publicKeys } = signer;
    const delegation = new dct.SignerDelegation(this, name, {
      repository: this.name,
      signer: name,
      publicKeys: [...publicKeys],
      provider,
      ...props,
    });
    signer.lendKeyTo(provider);
    this.delegations.set(signer, delegation);
    signer.cluster?.relyOn(delegation);
    atSynth(delegation, () => {
      dependOn(delegation, [...this.own, ...(signer.cluster?.registrations ?? [])]);
    });
    return delegation;
  }

  /** One signer's signature of a tag. It waits for the signer's delegation. Throws `invalid_construct` for a bad tag or digest. */
  signTag(tag: string, { digest, signer, ...props }: SignTagProps): dct.SignedTag {
    refuse(this, tagProblem(tag));
    refuse(this, digestProblem(digest));
    if (props.replacesDigest !== undefined) refuse(this, digestProblem(props.replacesDigest));
    const { provider } = this.registry;
    const signature = new dct.SignedTag(this, `${tag}#${signer.name}`, {
      repository: this.name,
      tag,
      signer: signer.name,
      digest,
      provider,
      ...props,
    });
    signer.lendKeyTo(provider);
    signer.cluster?.relyOn(signature);
    atSynth(signature, () => {
      const delegation = this.delegations.get(signer);
      dependOn(signature, [...this.own, ...(delegation === undefined ? [] : [delegation])]);
    });
    return signature;
  }

  private get own(): dct.Repository[] {
    return this.resource === undefined ? [] : [this.resource];
  }
}
