import { RegistryClient } from '../../src/dtr';
import { HttpClient, type HttpRequest } from '../../src/http';
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
  /** What is sent instead of a request, once that is known. */
  readonly before?: (request: HttpRequest) => HttpRequest | Promise<HttpRequest>;
}

export function ourClient(stack: TrustStack, operator: Operator, name: string, options: OurOptions = {}): OurClient {
  const { caBundle } = stack.authority;
  const http = new HttpClient({ url: stack.url, caBundle });
  const store = ourStore(operator);
  const gun = `${stack.hostAddress}/${name}`;
  const keys: KeysAtHand = keysAtHand(store, options.keys ?? []);
  const registry =
    stack.tokens && new RegistryClient({ hostAddress: stack.hostAddress, caBundle, credentials: stack.tokens });
  const before = options.before ?? ((request) => request);
  const transport = { host: http.host, request: async (request: HttpRequest) => http.request(await before(request)) };
  const repository = new TrustRepository(gun, {
    http: transport,
    keys,
    authorizer: options.authorizer ?? registry,
    clock: options.clock,
  });
  const close = async (): Promise<void> => {
    await registry?.close();
    await http.close();
  };
  return { store, repository, gun, close };
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
