import * as v from 'valibot';
import { empty, jsonBody, type Reply, type Route, type SandboxRequest } from '../route';
import { digestOf, type ImageStore } from './image-store';
import type { RegistryOptions, RepositoryRoute } from './repository-route';
import { registryError } from './registry-error';

const descriptor = v.object({ digest: v.string() });
const manifestSchema = v.object({
  mediaType: v.optional(v.string()),
  config: v.optional(descriptor),
  layers: v.optional(v.array(descriptor)),
  manifests: v.optional(v.array(descriptor)),
});

/** Manifests by tag or digest, byte for byte as pushed. */
export function manifestRoutes(below: RepositoryRoute, { images, isSigned }: RegistryOptions): Route[] {
  const reference = 'manifests/(?<reference>[\\w][\\w.:-]*)';
  return [
    below('GET|HEAD', reference, 'pull', async ({ params }, name) => {
      const manifest = await images.manifest(name, params['reference'] ?? '');
      if (manifest === undefined) return unknown(name, params['reference'] ?? '');
      const headers = { 'Content-Type': manifest.mediaType, 'Docker-Content-Digest': manifest.digest };
      return { status: 200, headers: { ...headers, Etag: `"${manifest.digest}"` }, body: manifest.bytes };
    }),
    below('PUT', reference, 'pull,push', (request, name) => put(request, name, images)),
    below('DELETE', reference, 'delete', async ({ params }, name) => {
      const wanted = params['reference'] ?? '';
      const tags = [...(images.find(name)?.tags ?? [])].filter(([tag, digest]) => tag === wanted || digest === wanted);
      const signed = await Promise.all(tags.map(([tag]) => isSigned(name, tag)));
      if (signed.includes(true)) return registryError('DENIED', { reason: 'TAG_IN_NOTARY' });
      return (await images.removeManifest(name, wanted)) ? empty(202) : unknown(name, wanted);
    }),
  ];
}

async function put(request: SandboxRequest, name: string, images: ImageStore): Promise<Reply> {
  const parsed = v.safeParse(manifestSchema, jsonBody(request));
  if (!parsed.success) return registryError('MANIFEST_INVALID');
  const reference = request.params['reference'] ?? '';
  const digest = digestOf(request.body);
  if (reference.includes(':') && reference !== digest) return registryError('DIGEST_INVALID', { digest: reference });
  const { config, layers = [], manifests = [], mediaType } = parsed.output;
  for (const { digest: part } of [...(config === undefined ? [] : [config]), ...layers, ...manifests]) {
    if ((await images.blob(part)) === undefined) return registryError('MANIFEST_BLOB_UNKNOWN', { digest: part });
  }
  const type = request.headers['content-type'] ?? mediaType ?? 'application/vnd.docker.distribution.manifest.v2+json';
  await images.putManifest(name, reference.includes(':') ? undefined : reference, type, request.body);
  return empty(201, { Location: `/v2/${name}/manifests/${digest}`, 'Docker-Content-Digest': digest });
}

function unknown(name: string, reference: string): Reply {
  return registryError(
    'MANIFEST_UNKNOWN',
    reference.includes(':') ? { name, revision: reference } : { Tag: reference },
  );
}
