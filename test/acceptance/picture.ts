import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { RegistryClient } from '../../src/dtr';
import { HttpClient } from '../../src/http';
import type { Sandbox } from '../../src/sandbox';

/** What a test may leave changed, by its name: of each cluster its configuration and its open sessions, and every GUN with trust data. */
export type Picture = ReadonlyMap<string, string>;

export async function pictureOf(sandbox: Sandbox): Promise<Picture> {
  const clusters = sandbox.clusters.map(({ name }) => sandbox.ucp(name));
  return new Map([
    ...clusters.map((ucp) => [ucp.name, ucp.config] as const),
    ...clusters.map((ucp) => [`sessions of ${ucp.name}`, String(ucp['controller'].sessions['sessions'].size)] as const),
    ...(await gunsOf(sandbox)).map((gun) => [gun, 'has trust data'] as const),
  ]);
}

/** Names of what is not as it was, in order. */
export function differences(before: Picture, after: Picture): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}

const Changefeed = v.object({
  records: v.nullable(v.array(v.object({ GUN: v.string(), Category: v.picklist(['update', 'deletion']) }))),
});

/** All that Notary has, as it tells an administrator: GUNs whose last change is not that they went. */
async function gunsOf({ registry }: Sandbox): Promise<string[]> {
  const { hostAddress, caFile, username, password } = registry;
  const caBundle = await readFile(caFile, 'utf8');
  const client = new RegistryClient({ hostAddress, caBundle, credentials: { username, password } });
  const http = new HttpClient({ url: `https://${hostAddress}`, caBundle });
  try {
    const challenge = `Bearer realm="https://${hostAddress}/auth/token",service="${hostAddress}"`;
    const authorization = (await client.authorize({ scope: 'registry:catalog:*', challenge })) ?? '';
    const path = '/v2/_trust/changefeed?records=1000000&change_id=0';
    const reply = await http.request({ method: 'GET', path, headers: { authorization } });
    const { records } = v.parse(Changefeed, reply.json());
    const last = new Map((records ?? []).map(({ GUN, Category }) => [GUN, Category]));
    return [...last].flatMap(([gun, category]) => (category === 'update' ? [gun] : []));
  } finally {
    await Promise.all([client.close(), http.close()]);
  }
}
