import { ProviderServer, Session } from '../calls/server';
import type { ProviderDefinition } from '../definition';
import { hclog } from '../log';
import { localhostCertificate } from './certificate';
import { exitOnCrash, logConsole } from './crash';
import { GrpcServer } from './grpc-server';
import { listen, removeSocket } from './reattach';
import { disconnect, pluginServices } from './services';

// go-plugin's handshake: https://github.com/hashicorp/go-plugin/blob/main/docs/internals.md
const COOKIE = 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2';
const PROTOCOL = 6;
/** Terraform kills a provider 2 s after asking it to shut down. */
const DISCONNECT_MILLISECONDS = 1_500;
/** A Terraform that is gone without Shutdown was killed: what runs is told to stop and may back out. */
const ORPHANED_MILLISECONDS = 5_000;

/**
 * The whole life of a provider's process: shakes hands with the Terraform that started it, serves, and exits when asked
 * to. Started by anybody else it says what it is and exits with 1.
 */
export async function serve(definition: ProviderDefinition): Promise<void> {
  const refusal = refuses(process.env, definition.name);
  if (refusal !== undefined) {
    process.stderr.write(`${refusal}\n`);
    process.exitCode = 1;
    return;
  }
  // The terminal sends ^C to Terraform and to us; Terraform then asks us to stop, and waits for what is running.
  process.on('SIGINT', () => undefined);
  const log = hclog(definition.name, (line) => process.stderr.write(`${line}\n`));
  logConsole(log);
  const server = new ProviderServer(definition, log);
  const session = new Session();
  let socket = '';
  let leaving = false;

  const leave = async (): Promise<void> => {
    if (leaving) return;
    leaving = true;
    const soon = new Promise<void>((resolve) => {
      setTimeout(resolve, DISCONNECT_MILLISECONDS).unref();
    });
    await Promise.race([Promise.all([disconnect(server, session), grpc.whenIdle()]), soon]);
    removeSocket(socket);
    process.exit(0);
  };
  const services = pluginServices(
    server,
    () => session,
    () => {
      void leave();
    },
  );

  const clientCertificate = process.env.PLUGIN_CLIENT_CERT ?? '';
  const certificate = clientCertificate === '' ? undefined : localhostCertificate();
  const grpc = new GrpcServer(
    services,
    certificate === undefined ? undefined : { cert: certificate.pem, key: certificate.key, ca: clientCertificate },
    () => {
      setTimeout(() => {
        if (leaving || grpc.sessions.size > 0) return;
        session.stop();
        void grpc.whenIdle().then(leave);
      }, ORPHANED_MILLISECONDS).unref();
    },
  );
  exitOnCrash(definition.name, grpc, () => {
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
