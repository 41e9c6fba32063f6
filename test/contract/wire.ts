import { Agent, request } from 'node:https';

/** A Notary server under test. */
export interface NotaryUnderTest {
  /** `https://host:port`, without a path. */
  readonly url: string;
  readonly caBundle: string;
  /** First part of the GUNs it is asked for. */
  readonly hostAddress: string;
  /**
   * A file that is asked for by name alone is looked up by its hash from the timestamp down, as every storage but the one in
   * memory does (notary, server/storage/tuf_store.go).
   */
  readonly walksFromTimestamp?: boolean;
  /** The Authorization header for a scope, where the server wants one. */
  readonly authorization?: (scope: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

export interface WireReply {
  readonly status: number;
  readonly body: string;
  /** `[code, Name of detail or empty]` of the first error. */
  readonly error: readonly [code: string, name: string] | undefined;
}

/** Connections that stay open; idle ones go with their server, and hold nothing up. */
const agents = new WeakMap<NotaryUnderTest, Agent>();

function agentOf(server: NotaryUnderTest): Agent {
  const agent = agents.get(server) ?? new Agent({ keepAlive: true, ca: server.caBundle });
  agents.set(server, agent);
  return agent;
}

/** One exchange about one GUN, with nothing of src/ in between. */
export async function exchange(
  server: NotaryUnderTest,
  gun: string,
  method: string,
  path: string,
  body?: { readonly type: string; readonly content: string },
): Promise<WireReply> {
  const actions = method === 'GET' ? 'pull' : method === 'DELETE' || path.endsWith('.key') ? '*' : 'push,pull';
  const scope = `repository:${gun}:${path.endsWith('.key') && method === 'GET' ? 'push,pull' : actions}`;
  const authorization = await server.authorization?.(scope);
  const headers = {
    ...(authorization === undefined ? {} : { authorization }),
    ...(body === undefined ? {} : { 'content-type': body.type, 'content-length': Buffer.byteLength(body.content) }),
  };
  const url = new URL(`/v2/${gun}/_trust/tuf/${path}`, server.url);
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: agentOf(server) }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.once('error', reject);
      reply.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: reply.statusCode ?? 0, body: text, error: firstError(text) });
      });
    });
    outgoing.once('error', reject);
    outgoing.end(body?.content);
  });
}

/** POSTs documents as docker does: multipart, the file name is the role. */
export function publish(
  server: NotaryUnderTest,
  gun: string,
  documents: Readonly<Record<string, string>>,
): Promise<WireReply> {
  const boundary = 'contract-boundary';
  const parts = Object.entries(documents).map(
    ([role, content]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="${role}"\r\n` +
      `Content-Type: application/octet-stream\r\n\r\n${content}\r\n`,
  );
  const content = `${parts.join('')}--${boundary}--\r\n`;
  return exchange(server, gun, 'POST', '', { type: `multipart/form-data; boundary=${boundary}`, content });
}

function firstError(text: string): readonly [string, string] | undefined {
  if (!text.startsWith('{"errors"')) return undefined;
  const { errors } = JSON.parse(text) as { errors: { code: string; detail?: { Name?: string } | null }[] };
  const [first] = errors;
  return first === undefined ? undefined : [first.code, first.detail?.Name ?? ''];
}
