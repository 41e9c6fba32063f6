import { request } from 'node:https';
import { isIP } from 'node:net';
import { DctError } from '../error';

const longest = 256 * 1024;

/**
 * The only request of this project that does not verify the server, because there is nothing yet to verify it with: `GET /ca`.
 * Nothing of ours is sent, and what comes back means nothing by itself: the caller accepts a certificate from it only by its
 * fingerprint, or shows the fingerprint.
 */
export function readUnverifiedCa(hostAddress: string, timeoutSeconds: number, signal?: AbortSignal): Promise<string> {
  const { hostname, port } = new URL(`https://${hostAddress}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void => {
      reject(
        new DctError('registry_ca_unusable', `https://${hostAddress}/ca could not be read: ${why}.`, {
          cure: 'Check the address, or give the CA certificate of the DTR as ca_bundle.',
          cause,
        }),
      );
    };
    const sent = request(
      {
        host,
        port: port || 443,
        path: '/ca',
        method: 'GET',
        agent: false,
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
        timeout: timeoutSeconds * 1000,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(signal ? { signal } : {}),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > longest) sent.destroy(new Error(`the answer is longer than ${longest} bytes`));
          else chunks.push(chunk);
        });
        response.on('error', (error) => {
          fail(error.message, error);
        });
        response.on('end', () => {
          if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString('utf8'));
          else fail(`it answered with status ${response.statusCode ?? 0}`);
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeoutSeconds} s`)));
    sent.on('error', (error) => {
      fail(error.message, error);
    });
    sent.end();
  });
}
