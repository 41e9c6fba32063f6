import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authority } from '../../../src/sandbox/authority';
import { StateDirectory } from '../../../src/sandbox/state-directory';
import { UcpCluster, type UcpClusterOptions } from '../../../src/sandbox/ucp';
import type { ClientBundleFiles } from '../../../src/sandbox/ucp';

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
  readonly text: string;
  /** The body as JSON. */
  json(): unknown;
}

export interface Call {
  /** Client bundle to come with. */
  readonly bundle?: ClientBundleFiles;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is text. */
  readonly body?: unknown;
}

/** A cluster in a folder of its own, with an admin and two users, one organisation and two teams. */
export class RunningCluster {
  private constructor(
    readonly authority: Authority,
    readonly cluster: UcpCluster,
    readonly directory: string,
    readonly admin: ClientBundleFiles,
    readonly anna: ClientBundleFiles,
  ) {}

  static async start(options: Partial<UcpClusterOptions> = {}): Promise<RunningCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'sandbox-ucp-'));
    const authority = options.authority ?? (await Authority.create('sandbox CA'));
    const state = new StateDirectory(directory);
    const cluster = await UcpCluster.start({ name: 'cluster2', state, authority, ...options });
    const { accounts } = cluster;
    accounts.add({ name: 'admin', isAdmin: true, password: 'admin password' });
    const anna = accounts.add({ name: 'anna', password: 'anna password' });
    accounts.add({ name: 'ben', password: 'ben password' });
    const organisation = accounts.add({ name: 'docker-datacenter', isOrg: true });
    accounts.setMember(accounts.addTeam(organisation, 'release'), anna);
    accounts.addTeam(organisation, 'qa');
    const bundles = [await cluster.issueBundle('admin'), await cluster.issueBundle('anna')] as const;
    return new RunningCluster(authority, cluster, directory, ...bundles);
  }

  call(method: string, path: string, call: Call = {}): Promise<Answer> {
    const content = typeof call.body === 'string' ? call.body : JSON.stringify(call.body);
    const headers = {
      ...(call.token === undefined ? {} : { Authorization: `Bearer ${call.token}` }),
      ...call.headers,
    };
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.cluster.endpoint.origin}${path}`,
        {
          method,
          headers,
          agent: false,
          ca: this.authority.certificate,
          cert: call.bundle?.get('cert.pem'),
          key: call.bundle?.get('key.pem'),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const body = Buffer.concat(chunks);
            const text = body.toString('utf8');
            const { statusCode: status = 0, headers: received } = response;
            resolve({ status, headers: received, body, text, json: (): unknown => JSON.parse(text) });
          });
        },
      );
      sent.on('error', reject);
      sent.end(content);
    });
  }

  /** Logs in and gives the token. */
  async login(username: string): Promise<string> {
    const reply = await this.call('POST', '/auth/login', { body: { username, password: `${username} password` } });
    return (reply.json() as { auth_token: string }).auth_token;
  }

  async close(): Promise<void> {
    await this.cluster.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}
