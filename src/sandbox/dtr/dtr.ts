import type { Authority } from '../authority';
import { type Clock, systemClock } from '../clock';
import { Endpoint } from '../endpoint';
import { NotaryServer } from '../notary';
import { json, route, type Route, text } from '../route';
import type { StateDirectory } from '../state-directory';
import { apiRoutes } from './api-routes';
import { ImageStore, type Visibility } from './image-store';
import { registryRoutes } from './registry';
import { TokenService } from './token-service';
import { type User, Users } from './users';

export interface DtrOptions {
  /** Signs the server's certificate; its own is what `/ca` answers. */
  readonly authority: Authority;
  readonly users: Readonly<Record<string, User>>;
  /** @default 0, a free port */
  readonly port?: number;
  /** @default everything in memory only */
  readonly directory?: StateDirectory;
  readonly clock?: Clock;
  /** Of repositories that a push makes; of public ones everybody may read images and trust data. @default private */
  readonly visibility?: Visibility;
  /** @default 2.9.0 */
  readonly version?: string;
}

/** A DTR to try things on: registry, token service, its own API and Notary on one TLS endpoint. */
export class Dtr {
  private constructor(
    readonly endpoint: Endpoint,
    readonly notary: NotaryServer,
    readonly images: ImageStore,
  ) {}

  static async start(options: DtrOptions): Promise<Dtr> {
    const clock = options.clock ?? systemClock;
    const { directory, authority } = options;
    const tls = await authority.issueServer();
    const users = new Users(options.users);
    const images = await ImageStore.open(directory?.below('registry'), options.visibility);
    const host = (): string => endpoint.host;
    const tokens = new TokenService({
      users,
      clock,
      host,
      isPublic: (repository) => images.find(repository)?.visibility === 'public',
    });
    const authorize = tokens.authorize.bind(tokens);
    const notary = await NotaryServer.open({
      clock,
      authorize,
      ...(directory === undefined ? {} : { directory: directory.below('notary') }),
    });
    const signedHash = (repository: string, tag: string): string | undefined =>
      notary.signedTags(`${host()}/${repository}`).get(tag);
    const api = apiRoutes({
      users,
      images,
      host,
      signedHash,
      version: options.version ?? '2.9.0',
      caCertificate: authority.certificate,
      certificate: tls.certificate,
      hasSignedTags: (repository) => notary.signedTags(`${host()}/${repository}`).size > 0,
    });
    const isSigned = (repository: string, tag: string): boolean => signedHash(repository, tag) !== undefined;
    const endpoint = await Endpoint.start({
      tls,
      clock,
      port: options.port ?? 0,
      routes: [
        ...openRoutes(authority),
        ...tokens.routes,
        ...api,
        ...notary.routes,
        ...registryRoutes({ images, authorize, isSigned }),
      ],
      notFound: () => json({ errors: [{ code: 'NOT_FOUND', message: 'page not found', detail: '' }] }, 404),
    });
    return new Dtr(endpoint, notary, images);
  }

  /** `localhost:<port>`: first part of every GUN, and what a UCP registers. */
  get hostAddress(): string {
    return this.endpoint.host;
  }

  close(): Promise<void> {
    return this.endpoint.close();
  }
}

/** What anybody may ask. */
function openRoutes(authority: Authority): Route[] {
  return [
    route('GET|HEAD', '/ca', () => text(authority.certificate)),
    route('GET', '/_ping', () => json({ Error: '', Healthy: true })),
    route('GET', '/health', () => json({ error: '', healthy: true })),
  ];
}
