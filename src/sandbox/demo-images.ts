import { gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import type { Dtr } from './dtr';

const demoImages = ['admin/trustdemo:1', 'admin/trustdemo:2', 'admin/unsigned:1'] as const;
const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';

/** Puts the images of a new sandbox into its registry. @returns digest by `<repository>:<tag>` */
export async function putDemoImages(dtr: Dtr): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const image of demoImages) {
    const [repository = '', tag = ''] = image.split(':');
    digests[image] = await putDemoImage(dtr, repository, tag);
  }
  return digests;
}

/**
 * Puts an image of one small layer under a tag, whatever the tag held before. The same content gives the same digest in
 * every sandbox.
 *
 * @returns the manifest's digest, `sha256:<hex>`
 */
export async function putDemoImage(dtr: Dtr, repository: string, tag: string, content = tag): Promise<string> {
  const tar = tarOf('message', `This is ${repository}, version ${content}.\n`);
  const layer = gzipSync(tar);
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      created: '2020-01-01T00:00:00Z',
      config: { Cmd: ['cat', '/message'], Labels: { version: content } },
      rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(tar).digest('hex')}`] },
      history: [{ created: '2020-01-01T00:00:00Z', created_by: 'dct sandbox' }],
    }),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: {
      mediaType: 'application/vnd.docker.container.image.v1+json',
      size: config.length,
      digest: await dtr.images.putBlob(config),
    },
    layers: [
      {
        mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
        size: layer.length,
        digest: await dtr.images.putBlob(layer),
      },
    ],
  };
  return dtr.images.putManifest(repository, tag, manifestType, Buffer.from(JSON.stringify(manifest, null, 3)));
}

/** A tar archive of one file (POSIX ustar), of a fixed time. */
function tarOf(name: string, content: string): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(Buffer.byteLength(content), 12), 124);
  header.write(octal(0, 12), 136);
  header.write('0', 156);
  header.write('ustar\0' + '00', 257);
  header.write(' '.repeat(8), 148);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  const body = Buffer.alloc(512);
  body.write(content);
  return Buffer.concat([header, body, Buffer.alloc(1024)]);
}
