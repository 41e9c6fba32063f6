import { createHash } from 'node:crypto';
import { json, type Route } from '../route';
import { admit, signedDigest } from './admit';
import type { Controller } from './controller';
import { parseImage } from './image-reference';
import { engineError, engineRoute } from './replies';

/** Images, as far as `docker pull` and `docker images` need them; a pull asks for admission and moves no bytes. */
export function imageRoutes(controller: Controller): Route[] {
  const { workloads } = controller;
  return [
    engineRoute(controller, 'POST', '/images/create', async (request) => {
      const name = request.query.get('fromImage') ?? '';
      const tag = request.query.get('tag') ?? '';
      const reference = tag === '' ? name : `${name}${tag.startsWith('sha256:') ? '@' : ':'}${tag}`;
      const { image, digest } = await admit(controller, reference, request);
      workloads.addImage(image.shown, digest);
      await controller.save();
      const lines = [
        { status: `Pulling from ${image.repository}`, id: image.tag ?? image.digest },
        ...(digest === undefined ? [] : [{ status: `Digest: ${digest}` }]),
        { status: `Status: Downloaded newer image for ${image.shown}` },
      ];
      const body = lines.map((line) => `${JSON.stringify(line)}\r\n`).join('');
      return { status: 200, headers: { 'Content-Type': 'application/json' }, body };
    }),
    // What `docker service create` asks, to pin a digest to the tag. The sandbox's clusters know no more than trust data.
    engineRoute(controller, 'GET', '/distribution/:image+/json', async (request) => {
      const reference = request.params['image'] ?? '';
      const digest = await signedDigest(controller, reference, request);
      if (digest === undefined) return engineError(404, `no such image: ${reference}`);
      const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
      const platform = { architecture: 'amd64', os: 'linux' };
      return json({ Descriptor: { mediaType, digest, size: 0 }, Platforms: [platform] });
    }),
    engineRoute(controller, 'GET', '/images/json', () =>
      json(
        workloads.state.images.map(({ reference, digest, pulled }) => ({
          Id: `sha256:${createHash('sha256').update(reference).digest('hex')}`,
          RepoTags: [reference],
          RepoDigests: digest === undefined ? [] : [`${reference.replace(/[:@][^/]*$/, '')}@${digest}`],
          Created: Math.floor(new Date(pulled).getTime() / 1000),
          Size: 0,
          SharedSize: -1,
          Containers: -1,
          Labels: {},
        })),
      ),
    ),
    engineRoute(controller, 'GET', '/images/:image+/json', (request) => {
      const wanted = parseImage(request.params['image'] ?? '')?.shown;
      const image = workloads.state.images.find(({ reference }) => reference === wanted);
      if (image === undefined) return engineError(404, `No such image: ${request.params['image'] ?? ''}`);
      const id = `sha256:${createHash('sha256').update(image.reference).digest('hex')}`;
      return json({ Id: id, RepoTags: [image.reference], RepoDigests: [], Created: image.pulled, Config: {} });
    }),
  ];
}
