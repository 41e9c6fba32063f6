import type { Authority } from '../authority';
import { type Clock, systemClock } from '../clock';
import { Endpoint } from '../endpoint';
import { NotaryServer, type TrustService } from '../notary';
import { RealNotary } from '../real-notary';
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
  /** `real`: the real notary-server, found on PATH, everything in memory; needs a `directory`. @default embedded */
  readonly notary?: 'embedded' | 'real';
}

/** A DTR to try things on: registry, token service, its own API and Notary on one TLS endpoint. */
export class Dtr {
  private constructor(
    readonly endpoint: Endpoint,
    readonly notary: TrustService,
    readonly images: ImageStore,
  ) {}

  /** @throws DctError `program_missing` and `program_failed`, with a real Notary */
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
      identity: tls,
      isPublic: (repository) => images.find(repository)?.visibility === 'public',
    });
    const authorize = tokens.authorize.bind(tokens);
    const notary: TrustService =
      options.notary === 'real'
        ? realNotary(options, tokens)
        : await NotaryServer.open({
            clock,
            authorize,
            ...(directory === undefined ? {} : { directory: directory.below('notary') }),
          });
    const signedTags = async (repository: string): Promise<ReadonlyMap<string, string>> =>
      notary.signedTags(`${host()}/${repository}`);
    const api = apiRoutes({
      users,
      images,
      host,
      signedTags,
      version: options.version ?? '2.9.0',
      caCertificate: authority.certificate,
      certificate: tls.certificate,
    });
    const isSigned = async (repository: string, tag: string): Promise<boolean> =>
      (await signedTags(repository)).has(tag);
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
    const dtr = new Dtr(endpoint, notary, images);
    try {
      await notary.start?.(endpoint.host);
    } catch (error) {
      await dtr.close();
      throw error;
    }
    return dtr;
  }

  /** `localhost:<port>`: first part of every GUN, and what a UCP registers. */
  get hostAddress(): string {
    return this.endpoint.host;
  }

  async close(): Promise<void> {
    await this.endpoint.close();
    await this.notary.close?.();
  }
}

function realNotary({ authority, directory }: DtrOptions, tokens: TokenService): RealNotary {
  if (directory === undefined) throw new Error('a real Notary needs a directory for its configuration');
  return new RealNotary({
    authority,
    directory: directory.below('real-notary'),
    identify: (request) => tokens.authorize(request),
    readingToken: (gun) => tokens.issue('dtr', [{ type: 'repository', name: gun, actions: ['pull'] }]),
  });
}

/** What anybody may ask. */
function openRoutes(authority: Authority): Route[] {
  return [
    route('GET|HEAD', '/ca', () => text(authority.certificate)),
    route('GET', '/_ping', () => json({ Error: '', Healthy: true })),
    route('GET', '/health', () => json({ error: '', healthy: true })),
  ];
}
