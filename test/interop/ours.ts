import { HttpClient } from '../../src/http';
import {
  type Authorizer,
  dockerPassphrases,
  type KeysAtHand,
  keysAtHand,
  type PrivateKey,
  TrustRepository,
  TrustStore,
} from '../../src/notary';
import { type Operator, passphrases } from './docker';
import type { TrustStack } from './stack';

/** Our client at work beside docker's: same server, same trust store. */
export interface OurClient {
  readonly store: TrustStore;
  readonly repository: TrustRepository;
  /** `localhost:<port>/<name>` */
  readonly gun: string;
  readonly close: () => Promise<void>;
}

export interface OurOptions {
  /** Further keys at hand. */
  readonly keys?: readonly PrivateKey[];
  readonly authorizer?: Authorizer;
  readonly clock?: () => Date;
}

export function ourClient(stack: TrustStack, operator: Operator, name: string, options: OurOptions = {}): OurClient {
  const http = new HttpClient({ url: stack.url, caBundle: stack.authority.caBundle });
  const store = ourStore(operator);
  const gun = `${stack.hostAddress}/${name}`;
  const keys: KeysAtHand = keysAtHand(store, options.keys ?? []);
  const repository = new TrustRepository(gun, {
    http,
    keys,
    ...(options.authorizer === undefined ? {} : { authorizer: options.authorizer }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  return { store, repository, gun, close: () => http.close() };
}

export function ourStore(operator: Operator): TrustStore {
  const environment = {
    DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: passphrases.root,
    DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: passphrases.repository,
  };
  return new TrustStore({ directory: operator.trustDirectory, passphrase: dockerPassphrases(environment) });
}

/** Initialises with a root key that is made when there is none. */
export function rootOf(store: TrustStore): Parameters<TrustRepository['initialise']>[0] {
  return { rootKey: () => store.rootKey({ create: true }), add: (key, about) => store.add(key, about) };
}
