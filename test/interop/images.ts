import { createHash } from 'node:crypto';

/** An image in the registry: the digest and size of its manifest, which is what a signature names. */
export interface PushedImage {
  readonly sha256: string;
  readonly length: number;
}

/** Puts a small image into a registry; the same `content` gives the same digest. `registry` is its plain HTTP address. */
export async function pushImage(
  registry: string,
  repository: string,
  tag: string,
  content: string,
): Promise<PushedImage> {
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Labels: { content } } });
  const digest = await pushBlob(registry, repository, config);
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: 'application/vnd.docker.container.image.v1+json', size: config.length, digest },
    layers: [],
  });
  const reply = await fetch(`${registry}/v2/${repository}/manifests/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body: manifest,
  });
  if (reply.status !== 201) throw new Error(`registry answered ${reply.status}: ${await reply.text()}`);
  return { sha256: sha256(manifest), length: manifest.length };
}

async function pushBlob(registry: string, repository: string, content: string): Promise<string> {
  const digest = `sha256:${sha256(content)}`;
  const start = await fetch(`${registry}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  const location = start.headers.get('location');
  if (location === null) throw new Error(`registry answered ${start.status}: ${await start.text()}`);
  const url = new URL(location, registry);
  url.searchParams.set('digest', digest);
  const put = await fetch(url, { method: 'PUT', body: content });
  if (put.status !== 201) throw new Error(`registry answered ${put.status}: ${await put.text()}`);
  return digest;
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
