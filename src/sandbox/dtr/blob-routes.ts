import { randomUUID } from 'node:crypto';
import { empty, type Reply, type Route, type SandboxRequest } from '../route';
import { digestOf, type ImageStore } from './image-store';
import type { RepositoryRoute } from './repository-route';
import { registryError } from './registry-error';

const upload = 'blobs/uploads/(?<upload>[0-9a-f-]+)';

/** Layers and configurations: read, and uploaded at once, in chunks, or taken over from another repository. */
export function blobRoutes(below: RepositoryRoute, images: ImageStore): Route[] {
  const uploads = new Map<string, Buffer[]>();

  const begin = async (request: SandboxRequest, name: string): Promise<Reply> => {
    const mounted = request.query.get('mount');
    if (mounted !== null && (await images.blob(mounted)) !== undefined) return created(name, mounted);
    const digest = request.query.get('digest');
    if (digest !== null) return store(name, digest, request.body);
    const id = randomUUID();
    uploads.set(id, []);
    return accepted(name, id, 0, 202);
  };

  const store = async (name: string, digest: string, bytes: Buffer): Promise<Reply> => {
    if (digestOf(bytes) !== digest) return registryError('DIGEST_INVALID', { digest });
    await images.putBlob(bytes);
    return created(name, digest);
  };

  /** Continues an upload that has begun. */
  const going =
    (proceed: (chunks: Buffer[], id: string, request: SandboxRequest, name: string) => Reply | Promise<Reply>) =>
    async (request: SandboxRequest, name: string): Promise<Reply> => {
      const id = request.params['upload'] ?? '';
      const chunks = uploads.get(id);
      return chunks === undefined ? registryError('BLOB_UPLOAD_UNKNOWN') : proceed(chunks, id, request, name);
    };

  return [
    below('POST', 'blobs/uploads/', 'pull,push', begin),
    below(
      'GET',
      upload,
      'pull,push',
      going((chunks, id, _, name) => accepted(name, id, size(chunks), 204)),
    ),
    below(
      'PATCH',
      upload,
      'pull,push',
      going((chunks, id, request, name) => {
        const start = /^(\d+)-/.exec(request.headers['content-range'] ?? '')?.[1];
        if (start !== undefined && Number(start) !== size(chunks)) return { ...accepted(name, id, size(chunks), 416) };
        chunks.push(request.body);
        return accepted(name, id, size(chunks), 202);
      }),
    ),
    below(
      'PUT',
      upload,
      'pull,push',
      going((chunks, id, request, name) => {
        uploads.delete(id);
        return store(name, request.query.get('digest') ?? '', Buffer.concat([...chunks, request.body]));
      }),
    ),
    below(
      'DELETE',
      upload,
      'pull,push',
      going((_, id) => {
        uploads.delete(id);
        return empty(204);
      }),
    ),
    below('GET|HEAD', 'blobs/(?<digest>[a-z0-9]+:[0-9a-fA-F]+)', 'pull', async ({ params }) => {
      const digest = params['digest'] ?? '';
      const body = await images.blob(digest);
      if (body === undefined) return registryError('BLOB_UNKNOWN', { digest });
      return {
        status: 200,
        headers: { 'Content-Type': 'application/octet-stream', 'Docker-Content-Digest': digest },
        body,
      };
    }),
  ];
}

function created(name: string, digest: string): Reply {
  return empty(201, { Location: `/v2/${name}/blobs/${digest}`, 'Docker-Content-Digest': digest });
}

function accepted(name: string, id: string, length: number, status: number): Reply {
  return empty(status, {
    Location: `/v2/${name}/blobs/uploads/${id}`,
    'Docker-Upload-UUID': id,
    Range: `0-${Math.max(0, length - 1)}`,
  });
}

function size(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
