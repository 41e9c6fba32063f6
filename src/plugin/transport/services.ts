import type { Http2Session } from 'node:http2';
import { providerCalls } from '../calls/table';
import { type ProviderServer, Session } from '../calls/server';
import type { GrpcServices, UnaryCall } from './grpc-server';

/**
 * The provider's calls and those of go-plugin, by which Terraform starts and ends it. A session stands for one HTTP/2
 * connection, since one process may serve many commands; `sessionOf` says which.
 */
export function pluginServices(
  server: ProviderServer,
  sessionOf: (connection: Http2Session) => Session,
  shutdown: () => void,
): GrpcServices {
  const calls = new Map<string, UnaryCall>();
  for (const [path, call] of providerCalls(server))
    calls.set(path, (connection, request) => call(sessionOf(connection), request));
  calls.set('/plugin.GRPCController/Shutdown', () => {
    shutdown();
    return Promise.resolve(new Uint8Array());
  });
  return { calls, silentStreams: SILENT_STREAMS };
}

// Would carry the provider's stdout and stderr, and connections the other way: Terraform opens both, needs neither.
const SILENT_STREAMS = new Set(['/plugin.GRPCStdio/StreamStdio', '/plugin.GRPCBroker/StartStream']);

/** One session per connection, made at its first call. */
export class Sessions {
  private readonly byConnection = new Map<Http2Session, Session>();

  readonly of = (connection: Http2Session): Session => {
    const known = this.byConnection.get(connection);
    if (known !== undefined) return known;
    const session = new Session();
    this.byConnection.set(connection, session);
    return session;
  };

  take(connection: Http2Session): Session | undefined {
    const session = this.byConnection.get(connection);
    this.byConnection.delete(connection);
    return session;
  }
}

/** Tells the provider that a connection it configured is not needed any more. */
export async function disconnect(server: ProviderServer, session: Session | undefined): Promise<void> {
  const configured = session?.configured;
  if (session === undefined || configured === undefined) return;
  session.configured = undefined;
  try {
    await server.definition.disconnect?.(configured.connection);
  } catch (error) {
    server.log.warn(`disconnect: ${error instanceof Error ? error.message : String(error)}`);
  }
}
