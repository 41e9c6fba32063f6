import { Agent, request } from 'node:https';
import * as v from 'valibot';
import { TrustUnavailable } from './signed-metadata';

/** What a workload brings to log in at its registry (`X-Registry-Auth`). */
export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

interface RegistryReply {
  readonly status: number;
  readonly challenge: string;
  readonly body: Buffer;
}

const tokenSchema = v.object({ token: v.string() });

/**
 * Fetches files from one registry over HTTPS, trusting nothing but the CA it was registered with, and logs in by the
 * registry's own token flow: as nobody, unless the workload brought credentials, since registration gives no single
 * sign-on.
 */
export class RegistryRequests {
  private readonly agent: Agent;
  private authorization: string | undefined;

  /** @param caBundle PEM; empty trusts the system's roots */
  constructor(
    private readonly host: string,
    caBundle: string,
    private readonly credentials?: RegistryCredentials,
  ) {
    this.agent = new Agent({ keepAlive: true, ...(caBundle.trim() === '' ? {} : { ca: caBundle }) });
  }

  /**
   * @returns the bytes, or undefined where the registry has no such file
   * @throws TrustUnavailable when it cannot be reached, is not the one that was registered, or refuses
   */
  async get(path: string): Promise<Buffer | undefined> {
    const url = `https://${this.host}${path}`;
    let reply = await this.send(url, this.authorization);
    if (reply.status === 401 && this.authorization === undefined) {
      this.authorization = await this.authorize(reply.challenge);
      reply = await this.send(url, this.authorization);
    }
    if (reply.status === 404) return undefined;
    if (reply.status !== 200) throw new TrustUnavailable(`${this.host} answered ${String(reply.status)}`);
    return reply.body;
  }

  close(): void {
    this.agent.destroy();
  }

  private async authorize(challenge: string): Promise<string | undefined> {
    const parameter = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
    const basic = this.credentials && `Basic ${base64(`${this.credentials.username}:${this.credentials.password}`)}`;
    if (!/^bearer /i.test(challenge)) return basic;
    const realm = new URL(parameter('realm'));
    realm.searchParams.set('service', parameter('service'));
    realm.searchParams.set('scope', parameter('scope'));
    const reply = await this.send(realm.href, basic);
    const token = v.safeParse(tokenSchema, reply.status === 200 ? JSON.parse(reply.body.toString('utf8')) : undefined);
    if (!token.success) throw new TrustUnavailable(`${this.host} gives no token: ${String(reply.status)}`);
    return `Bearer ${token.output.token}`;
  }

  private send(url: string, authorization: string | undefined): Promise<RegistryReply> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        reject(new TrustUnavailable(`${this.host}: ${error.message}`, { cause: error }));
      };
      const headers = authorization === undefined ? {} : { Authorization: authorization };
      const sent = request(url, { agent: this.agent, headers, timeout: 10_000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const challenge = response.headers['www-authenticate'] ?? '';
          resolve({ status: response.statusCode ?? 0, challenge, body: Buffer.concat(chunks) });
        });
      });
      sent.on('timeout', () => sent.destroy(new Error('no answer within 10 seconds')));
      sent.on('error', fail);
      sent.end();
    });
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
