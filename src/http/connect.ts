import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import type { Trust } from './trust';

/** No connection was made, so nothing was sent. `peer` is the certificate shown by a server that was not accepted. */
export class ConnectFailure extends Error {
  constructor(
    override readonly cause: NodeJS.ErrnoException,
    readonly peer: X509Certificate | undefined,
  ) {
    super(cause.message);
  }
}

/** TLS errors of connections that had already been handed out, by local port. */
export type LateAlerts = Map<number, Error>;

/**
 * Opens verified TLS connections. The certificate is always checked, whatever NODE_TLS_REJECT_UNAUTHORIZED says.
 *
 * In TLS 1.3 a server refuses a client certificate after the handshake, so the alert comes when undici already has the
 * connection, and undici reports the end of the connection instead of it. `alerts` keeps what the server said.
 */
export function tlsConnector(trust: Trust, timeoutMilliseconds: number, alerts: LateAlerts): buildConnector.connector {
  // What a connection has agreed on that was accepted: others to the same server need no certificates exchanged. Of one that
  // was not accepted nothing may be kept: Node checks no host name where a session goes on.
  let session: Buffer | undefined;
  return ({ hostname, port }, callback) => {
    const socket = connect({
      host: hostname,
      port: Number(port || 443),
      ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
      secureContext: trust.context(),
      rejectUnauthorized: true,
      ...(session && { session }),
      ALPNProtocols: ['http/1.1'],
    });
    let agreed = session;
    let isAccepted = false;
    socket.on('session', (next) => {
      agreed = next;
      if (isAccepted) session = next;
    });
    const peer = watchPeer(socket);
    let settled = false;
    let localPort = 0;
    const timer = setTimeout(() => {
      socket.destroy(
        Object.assign(new Error(`no connection within ${timeoutMilliseconds / 1000} s`), { code: 'ETIMEDOUT' }),
      );
    }, timeoutMilliseconds);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      if (settled && error.code?.startsWith('ERR_SSL_')) alerts.set(localPort, error);
      if (settled) return;
      settled = true;
      callback(new ConnectFailure(error, peer()), null);
    });
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      if (settled) return;
      settled = true;
      isAccepted = true;
      session = agreed;
      localPort = socket.localPort ?? 0;
      alerts.delete(localPort);
      socket.setKeepAlive(true, 60_000);
      callback(null, socket);
    });
  };
}

/**
 * Keeps the server's certificate for the error text. Node drops the handle before it reports a failed check, so the
 * certificate is taken on 'secure', which is not documented: where it never comes, the text is only less precise.
 */
function watchPeer(socket: TLSSocket): () => X509Certificate | undefined {
  let raw: Buffer | undefined;
  socket.prependListener('secure', () => {
    // Not getPeerX509Certificate: in Node 20 that leaves no certificate for Node's own check of the host name.
    ({ raw } = socket.getPeerCertificate() as Partial<PeerCertificate>);
  });
  return () => raw && new X509Certificate(raw);
}
