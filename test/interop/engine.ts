import { createServer } from 'node:http';
import type { PushedImage } from './images';

/**
 * As much of a docker engine, on a unix socket, as `docker trust sign` asks for: it says that the image is here, and that the
 * push went well with this digest and size.
 */
export interface EngineStandIn {
  /** Images by full reference (`host:port/namespace/name:tag`). */
  readonly images: Map<string, PushedImage>;
  readonly socket: string;
  readonly close: () => Promise<void>;
}

export async function startEngine(socket: string): Promise<EngineStandIn> {
  const images = new Map<string, PushedImage>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://engine');
    const match = /\/images\/(.+)\/(json|push)$/.exec(decodeURIComponent(url.pathname));
    if (match === null) {
      response.writeHead(200, { 'api-version': '1.43', ostype: 'linux' }).end('OK');
      return;
    }
    const tag = url.searchParams.get('tag');
    const name = match[2] === 'push' && tag !== null ? `${match[1] ?? ''}:${tag}` : (match[1] ?? '');
    const image = images.get(name);
    if (image === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: `No such image: ${name}` }));
    } else if (match[2] === 'json') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ Id: `sha256:${image.sha256}`, RepoTags: [name], Size: image.length }));
    } else {
      const aux = { Tag: name.slice(name.lastIndexOf(':') + 1), Digest: `sha256:${image.sha256}`, Size: image.length };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify({ status: 'pushed' })}\r\n${JSON.stringify({ progressDetail: {}, aux })}\r\n`);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve);
  });
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { images, socket, close };
}
