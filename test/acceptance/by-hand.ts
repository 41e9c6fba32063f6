import { readFile } from 'node:fs/promises';
import { RegistryClient } from '../../src/dtr';
import { HttpClient } from '../../src/http';
import {
  dockerPassphrases,
  keysAtHand,
  PrivateKey,
  type TrustDraft,
  TrustRepository,
  TrustStore,
} from '../../src/notary';
import type { World } from './world';

interface ByHand {
  readonly name?: string;
  /** Private keys at hand besides those of the store, PEM. */
  readonly keys?: readonly string[];
  readonly clock?: () => Date;
}

/** Somebody with the same trust store and docker: trust data changes behind Terraform's back. */
export async function byHand<T>(
  world: World,
  work: (repository: TrustRepository, store: TrustStore) => Promise<T>,
  { name = 'admin/trustdemo', keys = [], clock }: ByHand = {},
): Promise<T> {
  const { hostAddress, caFile, username, password } = world.sandbox.registry;
  const caBundle = await readFile(caFile, 'utf8');
  const http = new HttpClient({ url: `https://${hostAddress}`, caBundle });
  const registry = new RegistryClient({ hostAddress, caBundle, credentials: { username, password } });
  const store = new TrustStore({ directory: world.trustStore, passphrase: dockerPassphrases(process.env) });
  const held = keys.map((pem) => PrivateKey.fromPem(pem, { label: 'a key of the test' }));
  const repository = new TrustRepository(`${hostAddress}/${name}`, {
    http,
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
  world: World,
  change: (draft: TrustDraft) => unknown,
  options: { readonly name?: string; readonly keys?: readonly string[] } = {},
): Promise<void> {
  const intent = async (draft: TrustDraft): Promise<void> => {
    await change(draft);
  };
  await byHand(world, (repository) => repository.change(intent), options);
}
