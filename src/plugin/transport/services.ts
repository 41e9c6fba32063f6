import type { Http2Session } from 'node:http2';
import type { ProviderAnswers } from '../calls/answers';
import type { Session } from '../calls/server';
import type { GrpcServices, UnaryCall } from './grpc-server';

/** The provider's calls, and those of go-plugin by which Terraform starts and ends it. */
export function pluginServices(call: (path: string) => UnaryCall | undefined, shutdown: () => void): GrpcServices {
  return {
    silentStreams: SILENT_STREAMS,
    call: (path) => {
      if (path !== '/plugin.GRPCController/Shutdown') return call(path);
      return () => {
        shutdown();
        return Promise.resolve(new Uint8Array());
      };
    },
  };
}

// Would carry the provider's stdout and stderr, and connections the other way: Terraform opens both, needs neither.
const SILENT_STREAMS = new Set(['/plugin.GRPCStdio/StreamStdio', '/plugin.GRPCBroker/StartStream']);

/** One session per HTTP/2 connection, made at its first call: one process may serve many commands. */
export class Sessions {
  private readonly byConnection = new Map<Http2Session, Session>();

  constructor(private readonly answers: ProviderAnswers) {}

  of(connection: Http2Session): Session {
    const known = this.byConnection.get(connection);
    if (known !== undefined) return known;
    const session = this.answers.newSession();
    this.byConnection.set(connection, session);
    return session;
  }

  async disconnect(connection: Http2Session): Promise<void> {
    const session = this.byConnection.get(connection);
    this.byConnection.delete(connection);
    if (session !== undefined) await this.answers.disconnect(session);
  }
}
