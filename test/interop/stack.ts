import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOperator, type Operator } from './docker';
import { type EngineStandIn, startEngine } from './engine';
import { type Front, startFront } from './front';
import { type PushedImage, pushImage } from './images';
import { type Authority, createAuthority } from './pki';
import { closeAll, freePort } from './processes';
import { type Signing, type Storage, startDockerRegistry, startNotaryServer } from './servers';
import { createTokenServer, type TokenServer } from './tokens';

export interface TrustStackOptions {
  readonly signing?: Signing;
  readonly storage?: Storage;
  /** Notary wants tokens, as a DTR does. */
  readonly tokens?: boolean;
}

/** Real Notary and registry behind one TLS host on loopback, as a DTR is, and people with docker CLIs. */
export interface TrustStack {
  /** `localhost:<port>`, first part of every GUN. */
  readonly hostAddress: string;
  readonly url: string;
  readonly authority: Authority;
  readonly caFile: string;
  readonly front: Front;
  readonly engine: EngineStandIn;
  readonly tokens: TokenServer | undefined;
  /** A folder of this run, removed at the end. */
  readonly directory: string;
  operator(name: string): Promise<Operator>;
  /** Puts an image into the registry and lets the engine stand-in know it. */
  push(repository: string, tag: string, content?: string): Promise<PushedImage>;
  readonly close: () => Promise<void>;
}

export async function startTrustStack(options: TrustStackOptions = {}): Promise<TrustStack> {
  const directory = await mkdtemp(join(tmpdir(), 'dct-interop-'));
  const closers: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    await closeAll(closers);
  };
  try {
    const authority = await createAuthority();
    const caFile = join(directory, 'ca.pem');
    await writeFile(caFile, authority.caBundle);
    // the address is in Notary's token settings, so it is chosen first
    const port = await freePort();
    const url = `https://localhost:${port}`;
    const tokens = options.tokens === true ? createTokenServer(await authority.issue(['tokens'])) : undefined;
    const notary = await startNotaryServer({
      directory: join(directory, 'notary'),
      authority,
      signing: options.signing ?? 'local',
      storage: options.storage ?? 'memory',
      ...(tokens === undefined
        ? {}
        : {
            auth: {
              realm: `${url}/auth/token`,
              service: tokens.service,
              issuer: tokens.issuer,
              certificate: authority.caBundle,
            },
          }),
    });
    closers.push(notary.close);
    const registry = await startDockerRegistry(join(directory, 'registry'));
    closers.push(registry.close);
    const registryUrl = `http://127.0.0.1:${registry.port}`;
    const upstreams = {
      notary: `https://localhost:${notary.port}`,
      registry: registryUrl,
      caBundle: authority.caBundle,
      ...(tokens === undefined ? {} : { token: tokens.answer }),
    };
    const front = await startFront(await authority.issue(['localhost', '127.0.0.1']), upstreams, port);
    closers.push(front.close);
    const engine = await startEngine(join(directory, 'engine.sock'));
    closers.push(engine.close);
    const hostAddress = `localhost:${port}`;
    return {
      hostAddress,
      url,
      authority,
      caFile,
      front,
      engine,
      tokens,
      directory,
      operator: (name) =>
        createOperator({
          directory: join(directory, 'people', name),
          trustServer: url,
          caFile,
          engineSocket: engine.socket,
          ...(tokens === undefined ? {} : { credentials: tokens }),
        }),
      push: async (repository, tag, content = tag) => {
        const image = await pushImage(registryUrl, repository, tag, content);
        engine.images.set(`${hostAddress}/${repository}:${tag}`, image);
        return image;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
