import { randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { ProviderServer } from '../calls/server';
import type { ProviderDefinition } from '../definition';
import { hclog } from '../log';
import { GrpcServer } from './grpc-server';
import { disconnect, pluginServices, Sessions } from './services';

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
  const server = new ProviderServer(
    definition,
    hclog(definition.name, log ?? (() => undefined), { TF_LOG: log === undefined ? '' : 'TRACE' }),
  );
  const sessions = new Sessions();
  const leaving = new Set<Promise<void>>();
  const services = pluginServices(server, sessions.of, () => undefined);
  const grpc = new GrpcServer(services, undefined, (connection) => {
    const left = disconnect(server, sessions.take(connection)).finally(() => leaving.delete(left));
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

/** Listens on a new Unix socket: one file, since a provider that is killed leaves it behind. */
export async function listen(grpc: GrpcServer, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const directory = environment.PLUGIN_UNIX_SOCKET_DIR ?? '';
  const socket = path.join(directory === '' ? tmpdir() : directory, `plugin-${randomBytes(6).toString('hex')}.sock`);
  await new Promise<void>((resolve, reject) => {
    grpc.server.once('error', reject);
    grpc.server.listen(socket, () => {
      grpc.server.off('error', reject);
      resolve();
    });
  });
  return socket;
}

/** For a process about to exit, which has no time to close its server. */
export function removeSocket(socket: string): void {
  try {
    unlinkSync(socket);
  } catch {
    // Already gone.
  }
}
