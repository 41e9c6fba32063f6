import * as http2 from 'node:http2';
import { GrpcStatus, messageIn, StatusError, withPrefix } from './grpc-message';

// gRPC over node:http2, as much of it as Terraform uses: one request, one reply. Every gRPC library costs a provider's
// start 20 ms and more, and Terraform starts a provider three or four times per command.

/** @throws StatusError for a gRPC status of one's own; anything else becomes INTERNAL with the error's message */
export type UnaryCall = (session: http2.Http2Session, request: Uint8Array) => Promise<Uint8Array>;

export interface GrpcServices {
  /** What answers a path, `/package.Service/Method`; undefined: nothing does. */
  call(path: string): UnaryCall | undefined;
  /** Paths of streams that are kept open and never say anything. */
  readonly silentStreams: ReadonlySet<string>;
}

const WINDOW_BYTES = 16 * 1024 * 1024;
/** What makes a TLS server of it: certificate, key, and the CA that clients have to come with. */
export interface MutualTls {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  readonly ca: string | Buffer;
}

/** Answers gRPC calls on an HTTP/2 server; the caller listens and closes. */
export class GrpcServer {
  readonly server: http2.Http2Server | http2.Http2SecureServer;
  readonly sessions = new Set<http2.Http2Session>();
  private readonly open = new Set<http2.ServerHttp2Stream>();
  private idle: (() => void)[] = [];

  constructor(
    private readonly services: GrpcServices,
    tls: MutualTls | undefined,
    onSessionClosed: (session: http2.Http2Session) => void = () => undefined,
  ) {
    // Large windows: a value of many megabytes must not wait for acknowledgements every 64 KiB.
    // Node's own limit of 10 MB for all that a connection holds would end one with several large values.
    const options = { settings: { initialWindowSize: WINDOW_BYTES }, maxSessionMemory: 1024 };
    this.server =
      tls === undefined
        ? http2.createServer(options)
        : http2.createSecureServer({ ...options, ...tls, requestCert: true, rejectUnauthorized: true });
    this.server.on('session', (session: http2.ServerHttp2Session) => {
      this.sessions.add(session);
      session.setLocalWindowSize(WINDOW_BYTES);
      session.on('error', () => undefined);
      session.once('close', () => {
        this.sessions.delete(session);
        onSessionClosed(session);
      });
    });
    this.server.on('stream', (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
      stream.on('error', () => undefined);
      void this.answer(stream, String(headers[':path']));
    });
  }

  /** Resolves when no call is running and all replies are out. */
  async whenIdle(): Promise<void> {
    if (this.open.size > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  /** Resolves when every client has read what was sent: a stream is closed before its last frame has left the process. */
  async whenRead(): Promise<void> {
    await this.whenIdle();
    await Promise.all([...this.sessions].map(answersPing));
  }

  /** Ends every running call with an error. */
  failAll(message: string): void {
    for (const stream of this.open) fail(stream, new StatusError(GrpcStatus.UNAVAILABLE, message));
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    for (const session of this.sessions) session.destroy();
    await closed;
  }

  private async answer(stream: http2.ServerHttp2Stream, path: string): Promise<void> {
    if (this.services.silentStreams.has(path)) {
      stream.respond(HEADERS);
      stream.resume();
      return;
    }
    const { session } = stream;
    if (session === undefined) return;
    this.open.add(stream);
    const closed = new Promise<void>((resolve) => {
      stream.once('close', () => {
        resolve();
      });
    });
    try {
      const call = this.services.call(path);
      const request = await messageIn(stream);
      if (call === undefined) throw new StatusError(GrpcStatus.UNIMPLEMENTED, `unknown method ${path}`);
      reply(stream, withPrefix(await call(session, request)));
    } catch (error) {
      fail(stream, error instanceof StatusError ? error : new StatusError(GrpcStatus.INTERNAL, messageOf(error)));
    } finally {
      await closed;
      this.open.delete(stream);
      if (this.open.size === 0) for (const resolve of this.idle.splice(0)) resolve();
    }
  }
}

function answersPing(session: http2.Http2Session): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      resolve();
    };
    // Called as well, with an error, when the connection ends first; false: not sent, and not called.
    if (session.destroyed || session.closed || !session.ping(done)) done();
  });
}

const HEADERS = { ':status': 200, 'content-type': 'application/grpc' };

function reply(stream: http2.ServerHttp2Stream, body: Buffer): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.once('wantTrailers', () => {
    stream.sendTrailers({ 'grpc-status': String(GrpcStatus.OK) });
  });
  stream.end(body);
}

function fail(stream: http2.ServerHttp2Stream, { status, message }: StatusError): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(
    { ...HEADERS, 'grpc-status': String(status), 'grpc-message': percentEncoded(message) },
    { endStream: true },
  );
}

/** As gRPC wants it; a lone surrogate, which has no bytes, becomes U+FFFD. */
function percentEncoded(message: string): string {
  return encodeURI(Buffer.from(message).toString());
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
