import { randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { GrpcServer } from './grpc-server';

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
