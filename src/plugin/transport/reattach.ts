import { providerAnswers } from '../calls/answers';
import type { ProviderDefinition } from '../definition';
import { hclog } from '../log';
import { GrpcServer } from './grpc-server';
import { pluginServices, Sessions } from './services';
import { listen } from './socket';

export interface TestServer {
  /** For the environment variable TF_REATTACH_PROVIDERS. */
  readonly reattach: string;
  /** Of the socket it listens on. */
  readonly socket: string;
  close(): Promise<void>;
}

/**
 * Serves a provider from this process to any number of Terraform commands, one after the other or at once, without
 * start, init or lock file. Each configuration of the provider (a command, an alias) has its own connection.
 * @param sourceAddress what configurations call it: `terraform.local/cdktf-dct/dct`
 */
export async function serveForTests(
  definition: ProviderDefinition,
  sourceAddress: string,
  options: { readonly log?: (line: string) => void } = {},
): Promise<TestServer> {
  const { log } = options;
  const answers = providerAnswers(
    definition,
    hclog(definition.name, log ?? (() => undefined), { TF_LOG: log === undefined ? '' : 'TRACE' }),
  );
  const sessions = new Sessions(answers);
  const leaving = new Set<Promise<void>>();
  const services = pluginServices(
    (path) => {
      const call = answers.calls.get(path);
      return call && ((connection, request) => call(sessions.of(connection), request));
    },
    () => undefined,
  );
  const grpc = new GrpcServer(services, undefined, (connection) => {
    const left = sessions.disconnect(connection).finally(() => leaving.delete(left));
    leaving.add(left);
  });
  const socket = await listen(grpc);
  const address = { Network: 'unix', String: socket };
  return {
    socket,
    reattach: JSON.stringify({
      [sourceAddress]: { Protocol: 'grpc', ProtocolVersion: 6, Pid: process.pid, Test: true, Addr: address },
    }),
    async close() {
      await grpc.close();
      await Promise.all(leaving);
    },
  };
}
