import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { HttpClient } from '../../../src/http';
import { type PrivateKey, TrustRepository, keysAtHand } from '../../../src/notary';
import type { FetchedTrust } from '../verify-files';
import { Authority } from '../../../src/sandbox/authority';
import { GUN, NOW } from '../forge';

/** What the server says for one path: bytes, or whatever it does with the connection. */
export type Answer = Buffer | string | ((response: ServerResponse) => void) | undefined;

/**
 * A Notary server that says what it is told to, over real TLS. `answers`: by role (`root`, `timestamp`, `targets/alice`) or by
 * the path below `tuf/`, which goes first. A hash in the path is not looked at. Publishes are counted and never taken.
 */
export class HostileServer {
  answers: Record<string, Answer> = {};
  publishes = 0;
  readonly asked: string[] = [];

  private constructor(
    private readonly server: Server,
    private readonly caBundle: string,
    private readonly port: number,
  ) {
    server.on('request', (request, response) => {
      request.resume();
      if (request.method === 'POST') this.publishes++;
      const path = (request.url ?? '').replace(/^.*\/_trust\/tuf\//, '');
      this.asked.push(path);
      const role = path.replace(/(\.[0-9a-f]{64})?\.json$/, '');
      const answer = path in this.answers ? this.answers[path] : this.answers[role];
      if (typeof answer === 'function') answer(response);
      else if (answer !== undefined) response.end(answer);
      else response.writeHead(404).end('{"errors":[{"code":"METADATA_NOT_FOUND","message":"nothing there"}]}');
    });
  }

  static async start(): Promise<HostileServer> {
    const authority = await Authority.create('test CA');
    const pair = await authority.issueServer();
    const server = createServer({ cert: pair.certificate, key: pair.privateKey });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new HostileServer(server, authority.certificate, address.port);
  }

  /** A sound repository, with some of its files otherwise. */
  serve({ roots, timestamp, snapshot, targets, delegations }: FetchedTrust, over: Record<string, Answer> = {}): void {
    this.publishes = 0;
    this.asked.length = 0;
    const bytes = (file: Uint8Array | undefined): Answer => file && Buffer.from(file);
    this.answers = {
      root: bytes(roots.at(-1)),
      timestamp: bytes(timestamp),
      snapshot: bytes(snapshot),
      targets: bytes(targets),
      ...Object.fromEntries([...delegations].map(([role, file]) => [role, Buffer.from(file)])),
      ...over,
    };
  }

  /** A client that has seen nothing of this server. */
  async with<T>(
    use: (repository: TrustRepository) => Promise<T>,
    { keys = [], timeoutSeconds = 20 }: { keys?: readonly PrivateKey[]; timeoutSeconds?: number } = {},
  ): Promise<T> {
    const origin = { url: `https://localhost:${this.port}`, caBundle: this.caBundle };
    const http = new HttpClient(origin, { maxRetries: 0, timeoutSeconds });
    const options = { http, keys: keysAtHand(undefined, keys), clock: () => NOW, sleep: () => Promise.resolve() };
    try {
      return await use(new TrustRepository(GUN, options));
    } finally {
      await http.close();
    }
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
