import * as v from 'valibot';
import type { Reply, SandboxRequest } from '../route';
import { type ImageTrust, refusalOf } from './admission';
import type { Registration } from './config-document';
import type { Controller } from './controller';
import { type ImageReference, parseImage } from './image-reference';
import { engineError, Refused } from './replies';
import type { RegistryCredentials } from './registry-requests';
import { TrustUnavailable } from './signed-metadata';
import { readImageTrust } from './trust-reader';

const registryAuthSchema = v.object({ username: v.string(), password: v.string() });

/** An image that may run, with the digest its trust data names where the policy made the cluster look. */
export interface Admitted {
  readonly image: ImageReference;
  readonly digest: string | undefined;
}

/**
 * Lets an image pass or answers in UCP's words. The status of a refusal is in no document; the reply's header
 * `X-Sandbox-Reason` says what the real one would only write to its log.
 *
 * @throws Refused
 */
export async function admit(controller: Controller, reference: string, request: SandboxRequest): Promise<Admitted> {
  const image = parseImage(reference);
  if (image === undefined) throw new Refused(engineError(400, 'invalid reference format'));
  let trust: ImageTrust | undefined;
  let unavailable = '';
  const refusal = await refusalOf(image, {
    policy: controller.config.policy,
    registrations: controller.config.registrations,
    people: controller.accounts,
    readings: controller.readings,
    trustOf: async (wanted, registration) => {
      try {
        trust = await readTrust(controller, wanted, registration, request);
      } catch (error) {
        if (!(error instanceof TrustUnavailable)) throw error;
        unavailable = error.message;
      }
      return trust;
    },
  });
  if (refusal === undefined) {
    const digest = image.digest ?? (trust?.released === undefined ? undefined : `sha256:${trust.released}`);
    return { image, digest };
  }
  const reason = unavailable === '' ? refusal.reason : `${refusal.reason}: ${unavailable}`;
  throw new Refused(withReason(engineError(403, refusal.message), reason));
}

function withReason(reply: Reply, reason: string): Reply {
  return { ...reply, headers: { ...reply.headers, 'X-Sandbox-Reason': reason.replace(/[^\x20-\x7e]/g, ' ') } };
}

/** The digest the trust data of a registered registry has for an image; undefined wherever there is none to be had. */
export async function signedDigest(
  controller: Controller,
  reference: string,
  request: SandboxRequest,
): Promise<string | undefined> {
  const image = parseImage(reference);
  const registration = controller.config.registrations.find(({ hostAddress }) => hostAddress === image?.host);
  if (image === undefined || registration === undefined) return undefined;
  try {
    const trust = await readTrust(controller, image, registration, request);
    return trust?.released === undefined ? undefined : `sha256:${trust.released}`;
  } catch (error) {
    if (error instanceof TrustUnavailable) return undefined;
    throw error;
  }
}

function readTrust(
  { options }: Controller,
  image: ImageReference,
  registration: Registration,
  request: SandboxRequest,
): Promise<ImageTrust | undefined> {
  const account = options.readingAccounts[registration.hostAddress] ?? credentials(request);
  return readImageTrust(image, registration, options.clock.now(), account);
}

/** The login a workload brings for its registry: base64url JSON in `X-Registry-Auth`. */
function credentials(request: SandboxRequest): RegistryCredentials | undefined {
  const header = request.headers['x-registry-auth'];
  if (header === undefined) return undefined;
  try {
    const parsed = v.safeParse(registryAuthSchema, JSON.parse(Buffer.from(header, 'base64url').toString('utf8')));
    return parsed.success && parsed.output.username !== '' ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
