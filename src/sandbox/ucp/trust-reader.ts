import { X509Certificate } from 'node:crypto';
import type { ImageTrust } from './admission';
import type { Registration } from './config-document';
import type { ImageReference } from './image-reference';
import { type RegistryCredentials, RegistryRequests } from './registry-requests';
import {
  type MetadataKeys,
  metaSchema,
  rootSchema,
  SignedMetadata,
  targetsSchema,
  TrustUnavailable,
} from './signed-metadata';
import type { RoleSignature } from './signing-policy';

interface Delegation {
  readonly role: string;
  /** Hex digest by tag. */
  readonly tags: ReadonlyMap<string, string>;
  readonly keyIds: readonly string[];
}

/**
 * Reads what the registry's Notary says of an image, down the whole chain root → timestamp → snapshot → targets →
 * delegations. A delegation whose file is missing, expired or too little signed says nothing; anything wrong above the
 * delegations means no trust data at all. The first root seen is trusted, as UCP does.
 *
 * @returns undefined when the repository has no trust data
 * @throws TrustUnavailable
 */
export async function readImageTrust(
  image: ImageReference,
  registration: Registration,
  now: Date,
  credentials?: RegistryCredentials,
): Promise<ImageTrust | undefined> {
  const requests = new RegistryRequests(registration.hostAddress, registration.caBundle, credentials);
  try {
    return await new TrustChain(requests, `${image.host}/${image.repository}`, now).read(image);
  } catch (error) {
    if (error instanceof TrustUnavailable) throw error;
    throw new TrustUnavailable(`trust data of ${image.shown} is malformed`, { cause: error });
  } finally {
    requests.close();
  }
}

class TrustChain {
  constructor(
    private readonly requests: RegistryRequests,
    private readonly gun: string,
    private readonly now: Date,
  ) {}

  async read(image: ImageReference): Promise<ImageTrust | undefined> {
    const root = await this.fetch('root');
    if (root === undefined) return undefined;
    const { keys, roles } = root.as(rootSchema);
    root.verify(roles.root, keys, this.now);
    this.checkRootCertificates(roles.root.keyids ?? [], keys);
    const timestamp = await this.required('timestamp');
    timestamp.verify(roles.timestamp, keys, this.now);
    const snapshot = await this.required('snapshot', hashOf('snapshot', timestamp));
    snapshot.verify(roles.snapshot, keys, this.now);
    if (hashOf('root', snapshot) !== root.sha256) throw new TrustUnavailable('root is not the one of the snapshot');
    const targets = await this.required('targets', hashOf('targets', snapshot));
    const own = { role: 'targets', keyIds: targets.verify(roles.targets, keys, this.now) };
    const said: Delegation[] = [{ ...own, tags: tagsOf(targets) }];
    const { delegations } = targets.as(targetsSchema);
    for (const role of delegations.roles ?? []) {
      const covers = (role.paths ?? []).some((path) => image.tag === undefined || image.tag.startsWith(path));
      if (!covers) continue;
      const delegation = await this.delegation(role.name, snapshot);
      try {
        const keyIds = delegation?.verify(role, delegations.keys, this.now) ?? [];
        if (delegation !== undefined) said.push({ role: role.name, keyIds, tags: tagsOf(delegation) });
      } catch (error) {
        if (!(error instanceof TrustUnavailable)) throw error;
      }
    }
    return {
      released: releasedDigest(image, said),
      signatures: said.flatMap(({ role, keyIds, tags }) =>
        digestsOf(image, tags).map((digest): RoleSignature => ({ role, keyIds, digest })),
      ),
    };
  }

  private async delegation(role: string, snapshot: SignedMetadata): Promise<SignedMetadata | undefined> {
    const listed = snapshot.as(metaSchema).meta[role];
    return listed === undefined ? undefined : this.fetch(role, listed.hashes['sha256']);
  }

  private async required(role: string, hash?: string): Promise<SignedMetadata> {
    const metadata = await this.fetch(role, hash);
    if (metadata === undefined) throw new TrustUnavailable(`${role} of ${this.gun} is missing`);
    return metadata;
  }

  /** @param hash base64 sha256 that the bytes must have */
  private async fetch(role: string, hash?: string): Promise<SignedMetadata | undefined> {
    const version = hash === undefined ? '' : `.${Buffer.from(hash, 'base64').toString('hex')}`;
    const bytes = await this.requests.get(`/v2/${this.gun}/_trust/tuf/${role}${version}.json`);
    if (bytes === undefined) return undefined;
    const metadata = SignedMetadata.parse(role, bytes);
    if (hash !== undefined && metadata.sha256 !== hash) throw new TrustUnavailable(`${role} has another hash`);
    return metadata;
  }

  /** The root key comes as a certificate made for this very repository (notary trustpinning, `ValidateRoot`). */
  private checkRootCertificates(keyIds: readonly string[], keys: MetadataKeys): void {
    const fits = keyIds.some((id) => {
      const key = keys[id];
      if (!key?.keytype.endsWith('-x509')) return false;
      const certificate = new X509Certificate(Buffer.from(key.keyval.public, 'base64'));
      return certificate.subject.split('\n').includes(`CN=${this.gun}`) && new Date(certificate.validTo) > this.now;
    });
    if (!fits) throw new TrustUnavailable(`root of ${this.gun} has no valid certificate for it`);
  }
}

function hashOf(role: string, listing: SignedMetadata): string {
  const hash = listing.as(metaSchema).meta[role]?.hashes['sha256'];
  if (hash === undefined) throw new TrustUnavailable(`${listing.name} does not list ${role}`);
  return hash;
}

function tagsOf(file: SignedMetadata): Map<string, string> {
  const { targets } = file.as(targetsSchema);
  const tags = new Map<string, string>();
  for (const [tag, { hashes }] of Object.entries(targets)) {
    const hash = hashes['sha256'];
    if (hash !== undefined) tags.set(tag, Buffer.from(hash, 'base64').toString('hex'));
  }
  return tags;
}

/** What a role says of the image; of one named by digest alone, under whatever tag. */
function digestsOf({ tag, digest }: ImageReference, tags: ReadonlyMap<string, string>): string[] {
  const listed = tag === undefined ? [...tags.values()] : [tags.get(tag) ?? []].flat();
  return [...new Set(listed)].filter((hex) => digest === undefined || digest === `sha256:${hex}`);
}

/** What docker would pull: of a tag, what `targets/releases` has, else `targets`; of a digest alone, that one if any tag is it. */
function releasedDigest({ tag, digest }: ImageReference, said: readonly Delegation[]): string | undefined {
  const listed = (role: string): ReadonlyMap<string, string> =>
    said.find((one) => one.role === role)?.tags ?? new Map();
  const released = new Map([...listed('targets'), ...listed('targets/releases')]);
  if (tag !== undefined) return released.get(tag);
  return [...released.values()].find((hex) => digest === `sha256:${hex}`);
}
