import { spawnSync } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './docker';
import { type ServerProcess, startProcess } from './processes';
import { postgresDirectory } from './programs';

/** A PostgreSQL with the tables of notary-server and notary-signer in it. */
export interface NotaryDatabase {
  /** As `storage.db_url` of both. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

// PostgreSQL refuses to run as root; this one owns nothing else.
const nobody = 65534;

// The storage of notary-server (server/storage/sqldb.go: TUFFile, SQLChange) and of notary-signer
// (signer/keydbstore/sql_keydbstore.go: SQLPrivateKey); they make no tables themselves.
const tables = `
  CREATE TABLE tuf_files (
    id serial PRIMARY KEY, created_at timestamp, updated_at timestamp, deleted_at timestamp,
    gun varchar(255) NOT NULL, role varchar(255) NOT NULL, version integer NOT NULL,
    data bytea NOT NULL, sha256 char(64), UNIQUE (gun, role, version));
  CREATE INDEX ON tuf_files (sha256);
  CREATE TABLE changefeed (
    id serial PRIMARY KEY, created_at timestamp DEFAULT CURRENT_TIMESTAMP,
    gun varchar(255) NOT NULL, version integer NOT NULL, sha256 char(64), category varchar(20) NOT NULL);
  CREATE TABLE private_keys (
    id serial PRIMARY KEY, created_at timestamp, updated_at timestamp, deleted_at timestamp,
    key_id varchar(255) NOT NULL UNIQUE, encryption_alg varchar(255) NOT NULL, keywrap_alg varchar(255) NOT NULL,
    algorithm varchar(50) NOT NULL, passphrase_alias varchar(50) NOT NULL,
    public bytea NOT NULL, private bytea NOT NULL,
    gun varchar(255) NOT NULL, role varchar(255) NOT NULL, last_used timestamp);`;

/** PostgreSQL on loopback, with a data folder of its own that goes with it; nothing of what the machine has is touched. */
export async function startNotaryDatabase(): Promise<NotaryDatabase> {
  // not below a folder of the test run: those are root's alone
  const directory = await mkdtemp(join(tmpdir(), 'dct-postgres-'));
  try {
    if (process.getuid?.() === 0) await chown(directory, nobody, nobody);
    const server = await startPostgres(directory);
    const url = `postgres://notary@127.0.0.1:${server.port}/postgres?sslmode=disable`;
    const close = async (): Promise<void> => {
      try {
        await server.close();
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    };
    await whenReady(url).catch(async (error: unknown) => {
      await close();
      throw error;
    });
    return { url, close };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function startPostgres(directory: string): Promise<ServerProcess> {
  const data = join(directory, 'data');
  const made = command('initdb', '-D', data, '-A', 'trust', '-U', 'notary', '-E', 'UTF8', '--locale=C', '--no-sync');
  const { status, stderr, error } = spawnSync(made.program, made.args, { cwd: directory, encoding: 'utf8' });
  if (error !== undefined || status !== 0) throw new Error(`initdb failed: ${error?.message ?? stderr}`);
  const settings = ['unix_socket_directories=', 'fsync=off', 'synchronous_commit=off', 'max_connections=200'];
  const postgres = (port: number) =>
    command('postgres', '-D', data, '-h', '127.0.0.1', '-p', `${port}`, ...settings.flatMap((set) => ['-c', set]));
  // SIGQUIT ends it at once, and its children with it
  return startProcess(postgres(0).program, (port) => ({ args: postgres(port).args }), { endSignal: 'SIGQUIT' });
}

/** Its port is open before it takes logins. */
async function whenReady(url: string): Promise<void> {
  const psql = join(postgresDirectory(), 'psql');
  for (let attempt = 1; ; attempt++) {
    try {
      await runCommand(psql, ['-q', '-v', 'ON_ERROR_STOP=1', '-c', tables, url], { env: {} });
      return;
    } catch (error) {
      if (attempt === 100 || !String(error).includes('starting up')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** setpriv becomes the program, so the process ID is the program's own. */
function command(name: 'initdb' | 'postgres', ...args: string[]): { program: string; args: string[] } {
  const program = join(postgresDirectory(), name);
  if (process.getuid?.() !== 0) return { program, args };
  return {
    program: 'setpriv',
    args: [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', program, ...args],
  };
}
