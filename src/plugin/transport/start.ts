import type { ProviderAnswers } from '../calls/answers';
import type { Session } from '../calls/server';
import type { Log } from '../definition';
import { hclog } from '../log';
import { localhostCertificate } from './certificate';
import { exitOnCrash, logConsole } from './crash';
import { GrpcServer, type UnaryCall } from './grpc-server';
import { GrpcStatus, StatusError } from './grpc-message';
import { pluginServices } from './services';
import { listen, removeSocket } from './socket';

// go-plugin's handshake: https://github.com/hashicorp/go-plugin/blob/main/docs/internals.md
const COOKIE = 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2';
const PROTOCOL = 6;
/** Terraform kills a provider 2 s after asking it to shut down. */
const DISCONNECT_MILLISECONDS = 1_500;
/** A Terraform that is gone without Shutdown was killed: what runs is told to stop and may back out. */
const ORPHANED_MILLISECONDS = 5_000;

/** What a process serves. The handshake needs its name only, and Terraform waits for it three or four times a command. */
export interface Startup {
  readonly name: string;
  /** The provider itself, loaded once something is asked that needs it. */
  readonly load: (log: Log) => Promise<ProviderAnswers>;
  /** The reply to GetProviderSchema, made when the provider was built: one process of every command is asked nothing else. */
  readonly schemaReply?: () => Promise<Uint8Array>;
}

/**
 * The whole life of a provider's process: shakes hands with the Terraform that started it, serves, and exits when asked
 * to. Started by anybody else it says what it is and exits with 1.
 */
export async function start(startup: Startup): Promise<void> {
  const { name } = startup;
  const refusal = refuses(process.env, name);
  if (refusal !== undefined) {
    process.stderr.write(`${refusal}\n`);
    process.exitCode = 1;
    return;
  }
  // The terminal sends ^C to Terraform and to us; Terraform then asks us to stop, and waits for what is running.
  process.on('SIGINT', () => undefined);
  const log = hclog(name, (line) => process.stderr.write(`${line}\n`));
  logConsole(log);
  let loaded: Promise<{ readonly answers: ProviderAnswers; readonly session: Session }> | undefined;
  const load = () => (loaded ??= startup.load(log).then((answers) => ({ answers, session: answers.newSession() })));
  let socket = '';
  let leaving = false;

  const leave = async (): Promise<void> => {
    if (leaving) return;
    leaving = true;
    const soon = new Promise<void>((resolve) => {
      setTimeout(resolve, DISCONNECT_MILLISECONDS).unref();
    });
    const disconnected = loaded?.then(({ answers, session }) => answers.disconnect(session));
    await Promise.race([Promise.all([disconnected, grpc.whenRead()]), soon]);
    removeSocket(socket);
    process.exit(0);
  };
  const call = (path: string): UnaryCall => {
    const { schemaReply } = startup;
    if (path === '/tfplugin6.Provider/GetProviderSchema' && schemaReply !== undefined) return schemaReply;
    return async (_, request) => {
      const { answers, session } = await load();
      const answer = answers.calls.get(path);
      if (answer === undefined) throw new StatusError(GrpcStatus.UNIMPLEMENTED, `unknown method ${path}`);
      return answer(session, request);
    };
  };
  const services = pluginServices(call, () => {
    void leave();
  });

  const clientCertificate = process.env.PLUGIN_CLIENT_CERT ?? '';
  const certificate = clientCertificate === '' ? undefined : localhostCertificate();
  const grpc = new GrpcServer(
    services,
    certificate === undefined ? undefined : { cert: certificate.pem, key: certificate.key, ca: clientCertificate },
    () => {
      setTimeout(() => {
        if (leaving || grpc.sessions.size > 0) return;
        void loaded?.then(({ session }) => {
          session.stop();
        });
        void grpc.whenIdle().then(leave);
      }, ORPHANED_MILLISECONDS).unref();
    },
  );
  exitOnCrash(name, grpc, () => {
    removeSocket(socket);
  });
  socket = await listen(grpc);
  process.stdout.write(`${handshakeLine(socket, certificate?.der)}\n`);
}

function refuses(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  if (environment.TF_PLUGIN_MAGIC_COOKIE !== COOKIE)
    return `This is the Terraform provider "${name}". It is started by Terraform and does nothing on its own: name it in required_providers of a configuration.`;
  const versions = (environment.PLUGIN_PROTOCOL_VERSIONS ?? String(PROTOCOL)).split(',');
  if (!versions.includes(String(PROTOCOL)))
    return `The Terraform provider "${name}" speaks plugin protocol ${PROTOCOL}, this Terraform ${versions.join(', ')}: use Terraform 1.11 or later.`;
  return undefined;
}

function handshakeLine(socket: string, certificate: Buffer | undefined): string {
  // Go reads the certificate with RawStdEncoding, which refuses padding.
  const encoded = certificate?.toString('base64').replace(/=+$/, '') ?? '';
  const fields = ['1', PROTOCOL, 'unix', socket, 'grpc', encoded];
  if ((process.env.PLUGIN_MULTIPLEX_GRPC ?? '') !== '') fields.push('false');
  return fields.join('|');
}
