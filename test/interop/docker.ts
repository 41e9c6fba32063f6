import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** One person's docker and notary CLIs: configuration folder and trust store of their own. */
export interface Operator {
  /** `$DOCKER_CONFIG` */
  readonly configDirectory: string;
  /** `$DOCKER_CONFIG/trust` */
  readonly trustDirectory: string;
  /** Runs `docker`; throws with its output when it fails. */
  docker(args: readonly string[], options?: RunOptions): Promise<CommandResult>;
  /** Runs `notary` on the same trust store; throws with its output when it fails. */
  notary(args: readonly string[], options?: RunOptions): Promise<CommandResult>;
  /** `docker trust inspect`, parsed. */
  inspect(repository: string): Promise<TrustInspection>;
}

/** `docker trust inspect`'s JSON for one repository. */
export interface TrustInspection {
  readonly SignedTags: readonly { SignedTag: string; Digest: string; Signers: readonly string[] }[];
  readonly Signers: readonly { Name: string; Keys: readonly { ID: string }[] }[];
  readonly AdministrativeKeys: readonly { Name: string; Keys: readonly { ID: string }[] }[];
}

export const passphrases = { root: 'root passphrase', repository: 'repository passphrase' } as const;

export interface OperatorOptions {
  readonly directory: string;
  /** `https://host:port` of the trust server. */
  readonly trustServer: string;
  readonly caFile: string;
  readonly engineSocket: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** A command that runs the programs somewhere else, such as in a network of their own. */
  readonly through?: readonly string[];
}

export async function createOperator(options: OperatorOptions): Promise<Operator> {
  const configDirectory = join(options.directory, 'docker');
  const trustDirectory = join(configDirectory, 'trust');
  await mkdir(join(trustDirectory, 'private'), { recursive: true, mode: 0o700 });
  const { username, password } = options.credentials ?? {};
  const basic = username === undefined ? undefined : Buffer.from(`${username}:${password ?? ''}`).toString('base64');
  const env = {
    PATH: process.env.PATH ?? '',
    // A run is too short to be worth collecting garbage in.
    GOGC: 'off',
    GOMEMLIMIT: '512MiB',
    HOME: options.directory,
    DOCKER_CONFIG: configDirectory,
    DOCKER_HOST: `unix://${options.engineSocket}`,
    DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: passphrases.root,
    DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: passphrases.repository,
    NOTARY_ROOT_PASSPHRASE: passphrases.root,
    NOTARY_TARGETS_PASSPHRASE: passphrases.repository,
    NOTARY_SNAPSHOT_PASSPHRASE: passphrases.repository,
    NOTARY_DELEGATION_PASSPHRASE: passphrases.repository,
    ...(basic === undefined ? {} : { NOTARY_AUTH: basic }),
  };
  if (basic !== undefined) {
    const auths = { [new URL(options.trustServer).host]: { auth: basic } };
    await writeFile(join(configDirectory, 'config.json'), JSON.stringify({ auths }), { mode: 0o600 });
  }
  const execute = (name: string, args: readonly string[], more: RunOptions = {}): Promise<CommandResult> => {
    const [program = name, ...rest] = [...(options.through ?? []), name, ...args];
    return runCommand(program, rest, { ...more, env: { ...env, ...more.env } });
  };
  const docker = (args: readonly string[], more?: RunOptions): Promise<CommandResult> => execute('docker', args, more);
  const common = ['-d', trustDirectory, '-s', options.trustServer, '--tlscacert', options.caFile];
  return {
    configDirectory,
    trustDirectory,
    docker,
    notary: (args, more) => execute('notary', [...common, ...args], more),
    inspect: async (repository) => {
      const { stdout } = await docker(['trust', 'inspect', repository]);
      const [first] = JSON.parse(stdout) as TrustInspection[];
      if (first === undefined) throw new Error(`docker trust inspect ${repository} printed no repository`);
      return first;
    },
  };
}

/** Runs a program with exactly this environment; rejects with everything it printed when it does not exit with 0. */
export function runCommand(program: string, args: readonly string[], options: RunOptions): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: options.env, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve({ code, stdout, stderr });
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code ?? 'a signal'}: ${stderr}${stdout}`));
    });
    // A program that ends without reading must not hide its own message behind an EPIPE.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}
