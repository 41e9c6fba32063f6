import { createHash } from 'node:crypto';
import { DctError } from '../error';
import { type HttpResponse, serverErrorCodes, serverMessage } from '../http';

/** What a tag or digest stands for: the very bytes that are signed. */
export interface Manifest {
  /** `sha256:<64 hexadecimal digits>` of the bytes. */
  readonly digest: string;
  /** Bytes. */
  readonly length: number;
  readonly mediaType: string;
}

/** Images and lists of images, Docker's and OCI's. The old schema 1 is not asked for: its digest is not that of its bytes. */
export const manifestMediaTypes = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
];

const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;

/** @throws DctError `invalid_reference` */
export function checkReference(reference: string): void {
  if (tagPattern.test(reference) || digestPattern.test(reference)) return;
  throw new DctError('invalid_reference', `${JSON.stringify(reference)} is neither a tag nor a digest.`, {
    cure: 'Write a tag (letters, digits, "_", "." and "-", at most 128) or sha256: with 64 hexadecimal digits.',
  });
}

/**
 * Reads a manifest answer. The digest is computed here and never taken from the server.
 * @throws DctError `manifest_digest_mismatch`, `manifest_unsupported`
 */
export function readManifest(response: HttpResponse, image: string, reference: string): Manifest {
  const digest = `sha256:${createHash('sha256').update(response.bytes).digest('hex')}`;
  const mediaType = (response.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  const expected = digestPattern.test(reference) ? reference : response.headers['docker-content-digest'];
  if (!manifestMediaTypes.includes(mediaType)) {
    throw new DctError(
      'manifest_unsupported',
      `${image}: the registry gave a manifest of type ${JSON.stringify(mediaType)}, which cannot be signed.`,
      {
        cure: 'Push the image again with a current docker or buildx, which writes schema 2 or OCI manifests.',
      },
    );
  }
  if (expected !== undefined && expected !== digest) {
    throw new DctError(
      'manifest_digest_mismatch',
      `${image}: the manifest that ${response.host} sent is ${digest}, not ${expected} as it should be.`,
      {
        cure: 'Something between here and the registry changes what it sends; look at proxies and at the storage of the registry.',
      },
    );
  }
  return { digest, length: response.bytes.length, mediaType };
}

/** Why there is no manifest. */
export function manifestRefusal(response: HttpResponse, image: string, reference: string, who: string): DctError {
  const said = serverMessage(response);
  if (response.status === 404) {
    const kind = digestPattern.test(reference) ? 'digest' : 'tag';
    const what = serverErrorCodes(response).includes('NAME_UNKNOWN') ? 'no such repository' : `no such ${kind}`;
    return new DctError('image_not_found', `${image}: ${response.host} has ${what} (${said}).`, {
      cure: `Push the image first, or correct its name and ${kind}.`,
    });
  }
  if (response.status === 401 || response.status === 403) {
    return new DctError(
      'registry_not_authorized',
      `${image}: ${response.host} does not let ${who} read it (status ${response.status}: ${said}).`,
      {
        cure: 'Use a user who may pull from this repository. A DTR says the same of repositories that do not exist.',
      },
    );
  }
  return new DctError(
    'registry_refused',
    `${image}: reading its manifest was refused with status ${response.status}: ${said}`,
    {
      cure: 'Check the health of the DTR (its /_ping) and try again.',
    },
  );
}
