import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StateDirectory } from '../../../src/sandbox/state-directory';
import { basic } from '../client';
import { digest, type DtrUnderTest, passwords, push, startDtr } from './a-dtr';

let dtr: DtrUnderTest;
let pushed: string;
const repository = 'admin/demo';
const scope = `repository:${repository}:pull,push,delete`;
const code = (body: string): string | undefined => (JSON.parse(body) as { errors: { code: string }[] }).errors[0]?.code;

beforeAll(async () => {
  dtr = await startDtr();
  pushed = await push(dtr, repository, 'v1', 'a layer');
});
afterAll(() => dtr.dtr.close());

describe('when an image is pushed', () => {
  it('gives the manifest by tag and by digest, byte for byte', async () => {
    for (const reference of ['v1', pushed]) {
      const reply = await dtr.as(
        'reader',
        `repository:${repository}:pull`,
        'GET',
        `/v2/${repository}/manifests/${reference}`,
      );
      expect([reply.status, reply.headers['docker-content-digest'], digest(reply.body)]).toEqual([200, pushed, pushed]);
      expect(reply.headers['content-type']).toBe('application/vnd.docker.distribution.manifest.v2+json');
    }
  });

  it('answers HEAD with the length and no body', async () => {
    const path = `/v2/${repository}/manifests/v1`;
    const full = await dtr.as('admin', scope, 'GET', path);
    const head = await dtr.as('admin', scope, 'HEAD', path);
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', String(full.body.length)]);
    const blob = await dtr.as('admin', scope, 'HEAD', `/v2/${repository}/blobs/${digest('a layer')}`);
    expect([blob.status, blob.headers['content-length']]).toEqual([200, '7']);
  });

  it('lists tags and repositories, a page at a time', async () => {
    await push(dtr, repository, 'v2', 'another layer');
    const path = `/v2/${repository}/tags/list`;
    expect(JSON.parse((await dtr.as('admin', scope, 'GET', path)).body)).toEqual({
      name: repository,
      tags: ['v1', 'v2'],
    });
    const page = await dtr.as('admin', scope, 'GET', `${path}?n=1`);
    expect(JSON.parse(page.body)).toEqual({ name: repository, tags: ['v1'] });
    expect(page.headers['link']).toBe(`<${path}?n=1&last=v1>; rel="next"`);
    expect(JSON.parse((await dtr.as('admin', 'registry:catalog:*', 'GET', '/v2/_catalog')).body)).toEqual({
      repositories: [repository],
    });
  });

  it('takes blobs at once, in chunks and from another repository', async () => {
    const uploads = `/v2/${repository}/blobs/uploads/`;
    const whole = await dtr.as('admin', scope, 'POST', `${uploads}?digest=${digest('whole')}`, 'whole');
    expect(whole.status).toBe(201);
    const location = String((await dtr.as('admin', scope, 'POST', uploads)).headers.location);
    await dtr.as('admin', scope, 'PATCH', location, 'one ');
    expect((await dtr.as('admin', scope, 'PATCH', location, 'two')).headers['range']).toBe('0-6');
    const done = await dtr.as('admin', scope, 'PUT', `${location}?digest=${digest('one two')}`);
    expect([done.status, done.headers['docker-content-digest']]).toEqual([201, digest('one two')]);
    const mounted = await dtr.as('admin', scope, 'POST', `${uploads}?mount=${digest('whole')}&from=other/one`);
    expect(mounted.status).toBe(201);
    const gone = await dtr.as('admin', scope, 'PATCH', location, 'x');
    expect([gone.status, code(gone.body)]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  });

  it.each([
    ['a wrong digest', 'PUT', 'upload?digest=sha256:00', 'x', 400, 'DIGEST_INVALID'],
    [
      'a manifest of unknown layers',
      'PUT',
      `manifests/v3`,
      `{"layers":[{"digest":"${digest('none')}"}]}`,
      400,
      'MANIFEST_BLOB_UNKNOWN',
    ],
    ['a manifest that is no JSON', 'PUT', 'manifests/v3', 'x', 400, 'MANIFEST_INVALID'],
    ['a manifest under another digest', 'PUT', `manifests/${digest('x')}`, '{}', 400, 'DIGEST_INVALID'],
    ['an unknown tag', 'GET', 'manifests/none', undefined, 404, 'MANIFEST_UNKNOWN'],
    ['an unknown layer', 'GET', `blobs/${digest('none')}`, undefined, 404, 'BLOB_UNKNOWN'],
    ['an unknown call', 'PATCH', 'manifests/v1', undefined, 405, 'UNSUPPORTED'],
  ])('refuses %s', async (_case, method, rest, body, status, expected) => {
    const begun = await dtr.as('admin', scope, 'POST', `/v2/${repository}/blobs/uploads/`);
    const path = rest.startsWith('upload?')
      ? `${String(begun.headers.location)}?${rest.slice(7)}`
      : `/v2/${repository}/${rest}`;
    const reply = await dtr.as('admin', scope, method, path, body);
    expect([reply.status, code(reply.body)]).toEqual([status, expected]);
  });

  it('needs the right to push and to delete', async () => {
    const manifest = `/v2/${repository}/manifests/v1`;
    expect((await dtr.as('reader', scope, 'PUT', manifest, '{}')).status).toBe(401);
    expect((await dtr.as('reader', scope, 'DELETE', manifest)).status).toBe(401);
  });

  it('deletes a tag, and a manifest with its tags', async () => {
    const made = await push(dtr, 'admin/gone', '1', 'x');
    const own = 'repository:admin/gone:*';
    expect((await dtr.as('admin', own, 'DELETE', '/v2/admin/gone/manifests/1')).status).toBe(202);
    expect((await dtr.as('admin', own, 'GET', `/v2/admin/gone/manifests/${made}`)).status).toBe(200);
    expect((await dtr.as('admin', own, 'DELETE', `/v2/admin/gone/manifests/${made}`)).status).toBe(202);
    expect((await dtr.as('admin', own, 'GET', `/v2/admin/gone/manifests/${made}`)).status).toBe(404);
  });
});

describe('when the DTR’s own API is asked', () => {
  const api = (
    path: string,
    user: keyof typeof passwords | undefined,
    method = 'GET',
    body?: string,
  ): ReturnType<typeof dtr.call> =>
    dtr.call(
      `/api/v0/${path}`,
      { method, headers: user === undefined ? {} : { authorization: basic(user, passwords[user]) } },
      body,
    );

  it('says its version and its host', async () => {
    expect(JSON.parse((await api('admin/version', 'admin')).body)).toEqual({ version: '2.9.0' });
    const settings: unknown = JSON.parse((await api('meta/settings', 'admin')).body);
    expect(settings).toMatchObject({ dtrHost: dtr.dtr.hostAddress, webTLSCA: dtr.authority.certificate });
  });

  it.each([
    ['meta/settings', undefined, 401, 'NOT_AUTHENTICATED'],
    ['meta/settings', 'reader', 403, 'NOT_AUTHORIZED'],
    ['repositories/admin/none', 'admin', 404, 'NO_SUCH_REPOSITORY'],
    ['repositories/admin/demo/tags/none', 'reader', 404, 'NO_SUCH_TAG'],
    ['repositories/admin/demo', 'writer', 403, 'NOT_AUTHORIZED'],
  ] as const)('answers %s to %s with %d %s', async (path, user, status, expected) => {
    const reply = await api(path, user);
    expect([reply.status, code(reply.body)]).toEqual([status, expected]);
  });

  it('makes, shows and removes repositories', async () => {
    const made = await api('repositories/team', 'admin', 'POST', '{"name":"app","visibility":"public"}');
    expect([made.status, JSON.parse(made.body)]).toEqual([
      201,
      expect.objectContaining({ namespace: 'team', name: 'app', visibility: 'public' }),
    ]);
    expect((await api('repositories/team', 'admin', 'POST', '{"name":"app"}')).status).toBe(400);
    expect((await api('repositories/team', 'admin', 'POST', '{"name":"App"}')).status).toBe(400);
    expect((await api('repositories/team/app', 'admin', 'DELETE')).status).toBe(204);
    expect((await api('repositories/team/app', 'admin')).status).toBe(404);
  });

  it('shows unsigned tags as they are and deletes them', async () => {
    const made = await push(dtr, 'team/unsigned', '1', 'x');
    expect(JSON.parse((await api('repositories/team/unsigned/tags', 'writer')).body)).toMatchObject([
      { name: '1', digest: made, inNotary: false, hashMismatch: false },
    ]);
    expect((await api('repositories/team/unsigned/tags/1', 'admin', 'DELETE')).status).toBe(204);
  });
});

describe('when the DTR starts again on its directory', () => {
  it('has its images and trust data still', async () => {
    const path = await mkdtemp(join(tmpdir(), 'dct-dtr-'));
    const directory = new StateDirectory(path);
    try {
      const first = await startDtr({ directory });
      const { port } = first.dtr.endpoint;
      const made = await push(first, 'admin/kept', '1', 'x');
      await first.dtr.close();
      const second = await startDtr({ directory, port });
      expect(second.dtr.hostAddress).toBe(first.dtr.hostAddress);
      const reply = await second.as('admin', 'repository:admin/kept:pull', 'GET', '/v2/admin/kept/manifests/1');
      expect([reply.status, digest(reply.body)]).toEqual([200, made]);
      await second.dtr.close();
    } finally {
      await rm(path, { recursive: true, force: true });
    }
  });
});
