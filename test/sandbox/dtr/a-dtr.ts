import { createHash } from 'node:crypto';
import { Authority } from '../../../src/sandbox/authority';
import { Dtr, type DtrOptions } from '../../../src/sandbox/dtr';
import { type Answer, basic, type Call, caller } from '../client';

export interface DtrUnderTest {
  readonly dtr: Dtr;
  readonly authority: Authority;
  readonly call: Call;
  /** A token for a scope, as the user (as nobody without one). */
  token(scope: string, user?: keyof typeof passwords): Promise<string>;
  /** A call with a token for the scope. */
  as(
    user: keyof typeof passwords,
    scope: string,
    method: string,
    path: string,
    body?: string,
    type?: string,
  ): Promise<Answer>;
}

export const passwords = { admin: 'secret-of-admin', reader: 'secret-of-reader', writer: 'secret-of-writer' } as const;

export async function startDtr(options: Partial<DtrOptions> = {}): Promise<DtrUnderTest> {
  const authority = options.authority ?? (await Authority.create('test CA'));
  const dtr = await Dtr.start({
    authority,
    users: {
      admin: { password: passwords.admin, admin: true },
      reader: { password: passwords.reader, rights: { 'admin/demo': 'read-only' } },
      writer: { password: passwords.writer, rights: { 'team/*': 'read-write' } },
    },
    ...options,
  });
  const call = caller(dtr.endpoint, authority.certificate);
  const token: DtrUnderTest['token'] = async (scope, user) => {
    const headers = user === undefined ? {} : { authorization: basic(user, passwords[user]) };
    const { body } = await call(`/auth/token?service=x&scope=${encodeURIComponent(scope)}`, { headers });
    return (JSON.parse(body) as { token: string }).token;
  };
  return {
    dtr,
    authority,
    call,
    token,
    as: async (user, scope, method, path, body, type = 'application/octet-stream') => {
      const headers = { authorization: `Bearer ${await token(scope, user)}`, 'content-type': type };
      return call(path, { method, headers }, body);
    },
  };
}

export function digest(content: string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

const type = 'application/vnd.docker.distribution.manifest.v2+json';
const configType = 'application/vnd.docker.container.image.v1+json';
const layerType = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

/** Pushes an image of one layer by the calls docker makes. */
export async function push(dtr: DtrUnderTest, repository: string, tag: string, content: string): Promise<string> {
  const scope = `repository:${repository}:pull,push`;
  for (const blob of [content, '{}']) {
    const begun = await dtr.as('admin', scope, 'POST', `/v2/${repository}/blobs/uploads/`);
    const location = String(begun.headers.location);
    await dtr.as('admin', scope, 'PATCH', location, blob);
    await dtr.as('admin', scope, 'PUT', `${location}?digest=${digest(blob)}`);
  }
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: type,
    config: { mediaType: configType, digest: digest('{}'), size: 2 },
    layers: [{ mediaType: layerType, digest: digest(content), size: content.length }],
  });
  const done = await dtr.as('admin', scope, 'PUT', `/v2/${repository}/manifests/${tag}`, manifest, type);
  if (done.status !== 201) throw new Error(`push failed: ${done.status} ${done.body}`);
  return digest(manifest);
}
