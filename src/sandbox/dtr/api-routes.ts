import * as v from 'valibot';
import { basicCredentials, empty, json, jsonBody, type Reply, route, type Route, type SandboxRequest } from '../route';
import type { ImageStore } from './image-store';
import type { Users } from './users';

export interface ApiOptions {
  readonly users: Users;
  readonly images: ImageStore;
  readonly version: string;
  readonly host: () => string;
  /** PEM of the authority of the server's certificate. */
  readonly caCertificate: string;
  readonly certificate: string;
  /** Hex sha256 by tag, as the repository's trust data has it. */
  readonly signedTags: (repository: string) => Promise<ReadonlyMap<string, string>>;
}

type Allowed = 'anybody' | 'admin' | 'pull' | 'push' | 'delete';

const newRepository = v.object({
  name: v.pipe(v.string(), v.regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/)),
  visibility: v.optional(v.picklist(['private', 'public']), 'private'),
});

/** DTR's own API, the pieces that matter to trust (reference: DTR / MSR). Logins are Basic. */
export function apiRoutes(options: ApiOptions): Route[] {
  const { images } = options;
  const at = (
    method: string,
    path: string,
    allowed: Allowed,
    handle: (request: SandboxRequest, repository: string) => Reply | Promise<Reply>,
  ): Route =>
    route(method, `/api/v0/${path}`, (request) => {
      const { namespace, name } = request.params;
      const repository = `${namespace ?? ''}/${name ?? ''}`;
      return refusal(request, options.users, allowed, repository) ?? handle(request, repository);
    });
  return [
    at('GET', 'admin/version', 'anybody', () => json({ version: options.version })),
    at('GET', 'meta/settings', 'admin', () => json(settings(options))),
    at('POST', 'meta/settings', 'admin', () => json(settings(options), 202)),
    at('GET', 'meta/features', 'anybody', () =>
      json({ scanningEnabled: false, scanningLicensed: false, promotionLicensed: true }),
    ),
    at('GET', 'meta/alerts', 'anybody', () => json({ alerts: [] })),
    at('GET', 'meta/cluster_status', 'admin', () => json({ replica_health: { [replicaId]: 'OK' } })),
    at('GET', 'repositories/:namespace', 'anybody', ({ params }) => {
      const prefix = `${params['namespace'] ?? ''}/`;
      const names = images.names().filter((name) => name.startsWith(prefix));
      return json({ repositories: names.map((name) => repositoryView(name, images)) });
    }),
    at('POST', 'repositories/:namespace', 'push', async (request) => {
      const parsed = v.safeParse(newRepository, jsonBody(request));
      if (!parsed.success) return apiError(400, 'INVALID_REPOSITORY_NAME', 'The repository name is invalid.');
      const name = `${request.params['namespace'] ?? ''}/${parsed.output.name}`;
      if (images.find(name) !== undefined)
        return apiError(400, 'REPOSITORY_EXISTS', 'A repository with this name already exists.');
      await images.create(name, parsed.output.visibility);
      return json(repositoryView(name, images), 201);
    }),
    at('GET', 'repositories/:namespace/:name', 'pull', (_, repository) =>
      images.find(repository) === undefined ? noRepository() : json(repositoryView(repository, images)),
    ),
    at('DELETE', 'repositories/:namespace/:name', 'delete', async (_, repository) => {
      if (images.find(repository) === undefined) return noRepository();
      if ((await options.signedTags(repository)).size > 0) {
        return apiError(405, 'REPOSITORY_CONTAINS_TAGS_IN_NOTARY', 'The repository contains tags that are in Notary.');
      }
      await images.remove(repository);
      return empty(204);
    }),
    at('GET', 'repositories/:namespace/:name/tags', 'pull', async (_, repository) => {
      const tags = images.find(repository)?.tags;
      if (tags === undefined) return noRepository();
      const signed = await options.signedTags(repository);
      return json([...tags].sort().map((tag) => tagView(tag, signed)));
    }),
    at('GET', 'repositories/:namespace/:name/tags/:tag', 'pull', async ({ params }, repository) => {
      const tag = params['tag'] ?? '';
      const digest = images.find(repository)?.tags.get(tag);
      return digest === undefined ? noTag() : json([tagView([tag, digest], await options.signedTags(repository))]);
    }),
    at('DELETE', 'repositories/:namespace/:name/tags/:tag', 'delete', async ({ params }, repository) => {
      const tag = params['tag'] ?? '';
      if (images.find(repository)?.tags.has(tag) !== true) return noTag();
      if ((await options.signedTags(repository)).has(tag)) {
        return apiError(409, 'TAG_IN_NOTARY', 'The tag is in Notary and cannot be deleted.');
      }
      await images.removeManifest(repository, tag);
      return empty(204);
    }),
  ];
}

const replicaId = '000000000001';

function settings({ host, caCertificate, certificate }: ApiOptions): object {
  return {
    dtrHost: host(),
    replicaID: replicaId,
    webTLSCert: certificate,
    webTLSCA: caCertificate,
    readOnlyRegistry: false,
    createRepositoryOnPush: true,
    sso: false,
  };
}

function repositoryView(name: string, images: ImageStore): object {
  const slash = name.indexOf('/');
  const found = images.find(name);
  return {
    id: found?.id,
    namespace: name.slice(0, slash),
    namespaceType: 'user',
    name: name.slice(slash + 1),
    shortDescription: '',
    longDescription: '',
    visibility: found?.visibility,
    scanOnPush: false,
    immutableTags: false,
    enableManifestLists: true,
    pulls: 0,
    pushes: 0,
    tagLimit: 0,
  };
}

function tagView([tag, digest]: readonly [string, string], signedTags: ReadonlyMap<string, string>): object {
  const signed = signedTags.get(tag);
  return {
    name: tag,
    digest,
    author: '',
    hashMismatch: signed !== undefined && digest !== `sha256:${signed}`,
    inNotary: signed !== undefined,
  };
}

function refusal(request: SandboxRequest, users: Users, allowed: Allowed, repository: string): Reply | undefined {
  const login = basicCredentials(request);
  if (login === undefined || !users.knows(login.username, login.password)) {
    return apiError(401, 'NOT_AUTHENTICATED', 'The client is not authenticated.');
  }
  request.user = login.username;
  if (allowed === 'anybody' || users.isAdmin(login.username)) return undefined;
  if (allowed !== 'admin' && users.actions(login.username, repository).includes(allowed)) return undefined;
  return apiError(403, 'NOT_AUTHORIZED', 'The client is not authorized.');
}

function noRepository(): Reply {
  return apiError(
    404,
    'NO_SUCH_REPOSITORY',
    'A repository with the given namespace and name does not exist for the current user.',
  );
}

function noTag(): Reply {
  return apiError(404, 'NO_SUCH_TAG', 'A tag with the given name does not exist for the given repository.');
}

function apiError(status: number, code: string, message: string): Reply {
  return json({ errors: [{ code, message, detail: '' }] }, status);
}
