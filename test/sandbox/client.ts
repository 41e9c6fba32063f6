import type { IncomingHttpHeaders } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import type { Endpoint } from '../../src/sandbox/endpoint';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Call = (path: string, options?: RequestOptions, body?: string | Buffer) => Promise<Answer>;

/** Plain HTTPS to an endpoint, a new connection each time. */
export function caller(endpoint: Endpoint, ca: string): Call {
  return (path, options = {}, body) =>
    new Promise((resolve, reject) => {
      const own = { host: '127.0.0.1', servername: 'localhost', port: endpoint.port, path, ca, agent: false } as const;
      const outgoing = request({ ...own, ...options }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode = 0, headers } = response;
          resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString('utf8') });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
}

export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
