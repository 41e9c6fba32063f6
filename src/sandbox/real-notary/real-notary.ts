import { Agent, request as send } from 'node:https';
import type { Authority } from '../authority';
import { signedTags, type TrustService } from '../notary';
import { json, type Reply, route, type Route, type SandboxRequest } from '../route';
import type { StateDirectory } from '../state-directory';
import { type NotaryServers, startNotaryServers } from './servers';

export interface RealNotaryOptions {
  readonly authority: Authority;
  readonly directory: StateDirectory;
  /** A token that lets the DTR itself read the trust data of a GUN. */
  readonly readingToken: (gun: string) => Promise<string>;
  /** Notes who a request is from; whether it may is notary-server's to say. */
  readonly identify: (request: SandboxRequest) => Promise<unknown>;
}

/** Headers that are between two hosts only, or that the endpoint writes itself. */
const perHop = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date', 'host', 'expect'];

/** The real notary-server behind a DTR's address: every trust request is passed on as it came and answered as it answers. */
export class RealNotary implements TrustService {
  private servers: NotaryServers | undefined;
  private readonly agent: Agent;

  constructor(private readonly options: RealNotaryOptions) {
    this.agent = new Agent({ keepAlive: true, ca: options.authority.certificate });
  }

  get routes(): readonly Route[] {
    const pass = async (request: SandboxRequest): Promise<Reply> => {
      await this.options.identify(request);
      return this.pass(request);
    };
    return [
      route('*', /^\/v2\/(?:.+\/)?_trust\//, pass),
      route('GET', '/_notary_server/health', (request) => this.pass(request)),
    ];
  }

  /**
   * Starts notary-server and notary-signer.
   * @param host `localhost:<port>` of the DTR: the name of its token service
   * @throws DctError `program_missing`, `program_failed`
   */
  async start(host: string): Promise<void> {
    const { authority, directory } = this.options;
    const tokens = { realm: `https://${host}/auth/token`, service: host, issuer: host };
    this.servers = await startNotaryServers({ authority, directory, tokens });
  }

  async current(gun: string, role: string): Promise<{ readonly bytes: Buffer } | undefined> {
    const authorization = `Bearer ${await this.options.readingToken(gun)}`;
    const reply = await this.forward('GET', `/v2/${gun}/_trust/tuf/${role}.json`, { authorization });
    return reply.status === 200 && Buffer.isBuffer(reply.body) ? { bytes: reply.body } : undefined;
  }

  signedTags(gun: string): Promise<ReadonlyMap<string, string>> {
    return signedTags(async (role) => (await this.current(gun, role))?.bytes);
  }

  async close(): Promise<void> {
    this.agent.destroy();
    await this.servers?.close();
    this.servers = undefined;
    // Its keys and configuration are made anew with every start.
    await this.options.directory.remove('');
  }

  private async pass({ method, path, query, headers, body }: SandboxRequest): Promise<Reply> {
    const rest = query.size === 0 ? '' : `?${query.toString()}`;
    const kept = Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || perHop.includes(name) ? [] : [[name, value] as const],
    );
    try {
      return await this.forward(method, encoded(path) + rest, Object.fromEntries(kept), body);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const printed = this.servers?.output().trim() ?? '';
      const message = `notary-server does not answer: ${reason}${printed === '' ? '' : `; it printed: ${printed}`}`;
      return json({ errors: [{ code: 'UNKNOWN', message, detail: null }] }, 502);
    }
  }

  private forward(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer = Buffer.alloc(0),
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.servers === undefined) throw new Error('it has not been started');
      const length = body.length === 0 && ['GET', 'HEAD'].includes(method) ? {} : { 'content-length': body.length };
      const options = { method, headers: { ...headers, ...length }, agent: this.agent };
      const outgoing = send(new URL(path, this.servers.origin), options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const all = Object.entries(response.headers).flatMap(([name, value]) =>
            value === undefined || perHop.includes(name) ? [] : [[name, String(value)] as const],
          );
          resolve({
            status: response.statusCode ?? 502,
            headers: Object.fromEntries(all),
            body: Buffer.concat(chunks),
          });
        });
      });
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  }
}

/** A decoded path as a URL has it; a GUN's colon stays, as docker sends it. */
function encoded(path: string): string {
  return encodeURI(path).replace(/[?#]/g, encodeURIComponent);
}
