import { type ImageReference, isHub } from './image-reference';
import type { Registration, TrustPolicy } from './config-document';
import { meetsPolicy, type People, type PolicyReadings, type RoleSignature } from './signing-policy';

/** What a registry's Notary says of one image, read and verified. */
export interface ImageTrust {
  /** Hex sha256 the tag has in `targets/releases`, else in `targets`: what docker would pull. */
  readonly released: string | undefined;
  /** Every role that signs the tag with a digest. */
  readonly signatures: readonly RoleSignature[];
}

export interface AdmissionInput {
  readonly policy: TrustPolicy;
  readonly registrations: readonly Registration[];
  readonly people: People;
  readonly readings: PolicyReadings;
  /** Reads the trust data of an image; undefined when there is none or it cannot be had. */
  readonly trustOf: (image: ImageReference, registration: Registration) => Promise<ImageTrust | undefined>;
}

/** Why an image is refused, with UCP's own text. */
export interface Refusal {
  readonly reason: 'unregistered_registry' | 'no_trust_data' | 'policy_not_met';
  readonly message: string;
}

/**
 * Decides whether a cluster runs an image, as UCP's "Run only signed images" does (vendor guide "Using Docker Content
 * Trust with a Remote UCP Cluster", its example errors; MKE's `allow_repos`). The order is: policy off, repository
 * excepted, registry registered, trust data there, signatures enough. An image of Docker Hub has no registry to register;
 * UCP answers it with the policy's refusal.
 *
 * @returns undefined when the image is admitted
 */
export async function refusalOf(image: ImageReference, input: AdmissionInput): Promise<Refusal | undefined> {
  const { policy, readings } = input;
  if (!policy.requireContentTrust) return undefined;
  const excepted = readings.allowRepositories === 'heeded' ? (policy.allowRepositories ?? []) : [];
  if (isExcepted(image, excepted)) return undefined;
  const registration = input.registrations.find(({ hostAddress }) => hostAddress === image.host);
  if (registration === undefined) {
    if (isHub(image)) return policyNotMet(image);
    return { reason: 'unregistered_registry', message: `${image.host} must be a registered trusted registry` };
  }
  const trust = await input.trustOf(image, registration);
  if (trust === undefined || isUnknown(image, trust, readings)) {
    return { reason: 'no_trust_data', message: `image or trust data does not exist for ${image.shown}` };
  }
  const enough = candidates(image, trust).some((digest) => {
    const signatures = trust.signatures.filter((signature) => signature.digest === digest);
    return meetsPolicy(signatures, policy.requireSignatureFrom, input.people, readings);
  });
  return enough ? undefined : policyNotMet(image);
}

/** Whether the registry's trust data says nothing of the image that this UCP would look at. */
function isUnknown(image: ImageReference, trust: ImageTrust, readings: PolicyReadings): boolean {
  if (trust.signatures.length === 0) return true;
  if (image.tag === undefined && readings.digestAlone === 'no-trust-data') return true;
  const wanted = image.digest?.replace(/^sha256:/, '') ?? trust.released;
  const isReleased = wanted !== undefined && wanted === trust.released;
  return !isReleased && readings.unreleased === 'no-trust-data';
}

/** The two lines of the vendor guide. */
function policyNotMet(image: ImageReference): Refusal {
  const text = 'image did not meet required signing policy';
  return { reason: 'policy_not_met', message: `${text}\n${image.shown}: ${text}` };
}

/**
 * The digests whose signatures may count: the one asked for, else the released one. Signatures of another digest say
 * nothing of what would run. A tag that is in signers' delegations only has no released digest; each one stands alone.
 */
function candidates(image: ImageReference, trust: ImageTrust): string[] {
  if (image.digest !== undefined) return [image.digest.replace(/^sha256:/, '')];
  if (trust.released !== undefined) return [trust.released];
  return [...new Set(trust.signatures.map(({ digest }) => digest))];
}

/** `allow_repos` holds whole repository names; no wildcard is documented. */
function isExcepted(image: ImageReference, repositories: readonly string[]): boolean {
  const names = [`${image.host}/${image.repository}`];
  if (isHub(image)) names.push(image.repository, image.repository.replace(/^library\//, ''));
  return repositories.some((repository) => names.includes(repository));
}
