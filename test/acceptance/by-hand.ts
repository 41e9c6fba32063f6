import { readFile } from 'node:fs/promises';
import { RegistryClient } from '../../src/dtr';
import { HttpClient, type HttpRequest } from '../../src/http';
import {
  dockerPassphrases,
  keysAtHand,
  PrivateKey,
  releases,
  signerRole,
  type Target,
  type TrustDraft,
  TrustRepository,
  TrustStore,
} from '../../src/notary';
import { type FileMeta, formatTime, serialise, signedBytes } from '../../src/notary/documents';
import { publish } from '../contract/wire';
import type { World } from './world';

interface ByHand {
  readonly name?: string;
  /** Private keys at hand besides those of the store, PEM. */
  readonly keys?: readonly string[];
  readonly clock?: () => Date;
  /** What becomes of a request on its way. */
  readonly onItsWay?: (request: HttpRequest) => HttpRequest;
}

/** Somebody with the same trust store and docker: trust data changes behind Terraform's back. */
export async function byHand<T>(
  world: Pick<World, 'sandbox' | 'trustStore'>,
  work: (repository: TrustRepository, store: TrustStore) => Promise<T>,
  { name = 'admin/trustdemo', keys = [], clock, onItsWay = (request) => request }: ByHand = {},
): Promise<T> {
  const { hostAddress, caFile, username, password } = world.sandbox.registry;
  const caBundle = await readFile(caFile, 'utf8');
  const http = new HttpClient({ url: `https://${hostAddress}`, caBundle });
  const registry = new RegistryClient({ hostAddress, caBundle, credentials: { username, password } });
  const store = new TrustStore({ directory: world.trustStore, passphrase: dockerPassphrases(process.env) });
  const held = keys.map((pem) => PrivateKey.fromPem(pem, { label: 'a key of the test' }));
  const repository = new TrustRepository(`${hostAddress}/${name}`, {
    http: { host: http.host, request: (request) => http.request(onItsWay(request)) },
    authorizer: registry,
    keys: keysAtHand(store, held),
    clock,
  });
  try {
    return await work(repository, store);
  } finally {
    await Promise.all([http.close(), registry.close()]);
  }
}

export async function changeTrust(
  world: Pick<World, 'sandbox' | 'trustStore'>,
  change: (draft: TrustDraft) => unknown,
  options: ByHand = {},
): Promise<void> {
  const intent = async (draft: TrustDraft): Promise<void> => {
    await change(draft);
  };
  await byHand(world, (repository) => repository.change(intent), options);
}

/** Somebody signs a signer’s files again, as they are, but with an end that docker would not give them. */
export async function endSoon(
  world: Pick<World, 'sandbox' | 'trustStore'>,
  signer: string,
  { key, end }: { readonly key: string; readonly end: Date },
): Promise<void> {
  const privateKey = PrivateKey.fromPem(key, { label: 'a key of the test' });
  const data = await byHand(world, (repository) => repository.read());
  const files: Record<string, string> = {};
  for (const role of [signerRole(signer), releases]) {
    const delegation = data?.trust.delegations.get(role);
    const old = delegation?.document?.signed;
    const publicKey = [...(delegation?.keys.values() ?? [])].find(
      (each) => each.canonicalId === privateKey.canonicalId,
    );
    if (data === undefined || old === undefined || publicKey === undefined) throw new Error(`${role} has no such file`);
    const signed = { ...old, expires: formatTime(end), version: old.version + 1 };
    const signature = { keyid: publicKey.tufId, ...privateKey.sign(signedBytes(signed)) };
    files[role] = serialise(signed, [signature]).toString();
  }
  await send(world, files);
}

/** Somebody signs tags with the repository's own key, as `notary` does: into targets, beside what stands there. */
export async function signAsRepository(
  world: Pick<World, 'sandbox' | 'trustStore'>,
  tags: Readonly<Record<string, Target>>,
): Promise<void> {
  const { targets, key } = await byHand(world, async (repository, store) => {
    const data = await repository.read();
    if (data === undefined) throw new Error('there is no trust data');
    return { targets: data.trust.targets.signed, key: await store.load(data.targetsKeyId) };
  });
  const signed = {
    ...targets,
    targets: new Map([
      ...(targets.targets ?? []),
      ...Object.entries(tags).map(([tag, { sha256, length }]): [string, FileMeta] => [
        tag,
        { hashes: new Map([['sha256', Buffer.from(sha256, 'hex').toString('base64')]]), length },
      ]),
    ]),
    version: targets.version + 1,
  };
  const signature = { keyid: key.canonicalId, ...key.sign(signedBytes(signed)) };
  await send(world, { targets: serialise(signed, [signature]).toString() });
}

/** Somebody sends these files as they are: documents by role. */
export async function send(
  world: Pick<World, 'sandbox'>,
  files: Readonly<Record<string, string>>,
  name = 'admin/trustdemo',
): Promise<void> {
  const { hostAddress, caFile, username, password } = world.sandbox.registry;
  const caBundle = await readFile(caFile, 'utf8');
  const registry = new RegistryClient({ hostAddress, caBundle, credentials: { username, password } });
  const challenge = `Bearer realm="https://${hostAddress}/auth/token",service="${hostAddress}"`;
  const authorization = async (scope: string) => (await registry.authorize({ scope, challenge })) ?? '';
  const server = { url: `https://${hostAddress}`, caBundle, hostAddress, authorization, close: () => registry.close() };
  const reply = await publish(server, `${hostAddress}/${name}`, files);
  await server.close();
  if (reply.status !== 200) throw new Error(`${reply.status}: ${reply.body}`);
}
