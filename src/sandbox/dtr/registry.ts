import { empty, json, type Reply, route, type Route, type SandboxRequest } from '../route';
import type { ImageStore } from './image-store';
import { blobRoutes } from './blob-routes';
import { manifestRoutes } from './manifest-routes';
import { registryError } from './registry-error';
import type { RegistryOptions, RepositoryRoute } from './repository-route';

const apiVersion = { 'Docker-Distribution-Api-Version': 'registry/2.0' } as const;

/** Registry API v2 as far as docker CLI and skopeo use it: push, pull, inspect, delete. */
export function registryRoutes(options: RegistryOptions): Route[] {
  const { images, authorize } = options;
  const below: RepositoryRoute = (methods, rest, actions, handle) =>
    route(methods, new RegExp(`^/v2/(?<name>[a-z0-9._/-]+)/${rest}$`), async (request) => {
      const name = request.params['name'] ?? '';
      return (await authorize(request, `repository:${name}:${actions}`)) ?? versioned(await handle(request, name));
    });
  return [
    route('GET|HEAD', /^\/v2\/?$/, async (request) => (await authorize(request)) ?? json({}, 200, apiVersion)),
    route('GET', '/v2/_catalog', async (request) => {
      const refusal = await authorize(request, 'registry:catalog:*');
      return refusal ?? page(request, '/v2/_catalog', images.names(), (repositories) => ({ repositories }));
    }),
    ...blobRoutes(below, images),
    ...manifestRoutes(below, options),
    below('GET', 'tags/list', 'pull', (request, name) => Promise.resolve(tagList(request, name, images))),
    route('*', /^\/v2\//, () => registryError('UNSUPPORTED')),
  ];
}

function tagList(request: SandboxRequest, name: string, images: ImageStore): Reply {
  const repository = images.find(name);
  if (repository === undefined) return registryError('NAME_UNKNOWN', { name });
  const tags = [...repository.tags.keys()].sort();
  return page(request, `/v2/${name}/tags/list`, tags, (some) => ({ name, tags: some.length === 0 ? null : some }));
}

/** `n` at a time after `last`; the next page is in the Link header. */
function page(
  request: SandboxRequest,
  path: string,
  all: readonly string[],
  body: (some: readonly string[]) => object,
): Reply {
  const last = request.query.get('last');
  const rest = last === null ? all : all.filter((item) => item > last);
  const count = Number(request.query.get('n') ?? rest.length);
  const some = rest.slice(0, count);
  const end = some.at(-1);
  const more = end !== undefined && some.length < rest.length;
  const next: Record<string, string> = more
    ? { Link: `<${path}?n=${count}&last=${encodeURIComponent(end)}>; rel="next"` }
    : {};
  return json(body(some), 200, { ...apiVersion, ...next });
}

function versioned(reply: Reply): Reply {
  return { ...empty(reply.status), ...reply, headers: { ...apiVersion, ...reply.headers } };
}
