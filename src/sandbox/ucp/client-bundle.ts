import { createPublicKey } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ZipFile } from 'yazl';
import type { KeyPair } from '../authority';
import type { StateDirectory } from '../state-directory';

export interface ClientBundleParts {
  /** `localhost:6443`, what the docker CLI connects to. */
  readonly host: string;
  readonly user: string;
  readonly keyPair: KeyPair;
  /** PEM of the authorities of the server's and the clients' certificates. */
  readonly ca: string;
}

/** The files of a client bundle by path, laid out as UCP 3.2 does it. */
export type ClientBundleFiles = ReadonlyMap<string, string>;

/** The public key of a bundle as `cert.pub` has it: no newline at the end. */
export function publicKeyFile(keyPair: KeyPair): string {
  return createPublicKey(keyPair.certificate).export({ type: 'spki', format: 'pem' }).toString().trimEnd();
}

export function clientBundle(parts: ClientBundleParts): ClientBundleFiles {
  const { ca, keyPair } = parts;
  return new Map([
    ['ca.pem', ca],
    ['cert.pem', keyPair.certificate],
    ['key.pem', keyPair.privateKey],
    ['cert.pub', publicKeyFile(keyPair)],
    ['env.sh', envSh(parts)],
    ['env.cmd', envCmd(parts)],
    ['env.ps1', envPs1(parts)],
    ['kube.yml', kubeYml(parts)],
    ['meta.json', metaJson(parts)],
    ['tls/docker/ca.pem', ca],
    ['tls/docker/cert.pem', keyPair.certificate],
    ['tls/docker/key.pem', keyPair.privateKey],
    ['tls/kubernetes/ca.pem', ca],
    ['tls/kubernetes/cert.pem', keyPair.certificate],
    ['tls/kubernetes/key.pem', keyPair.privateKey],
  ]);
}

/** Writes the files below a folder, mode 0600 in folders of mode 0700. */
export async function writeClientBundle(directory: StateDirectory, files: ClientBundleFiles): Promise<void> {
  for (const folder of new Set([...files.keys()].map((path) => dirname(directory.file(path))))) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  }
  await Promise.all([...files].map(([path, content]) => directory.write(path, content)));
}

/** @param comment what the zip carries as its comment; MKE puts the bundle's ID there */
export function zipClientBundle(files: ClientBundleFiles, comment = ''): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, content] of files) zip.addBuffer(Buffer.from(content), path, { mode: 0o100600 });
  zip.end({ forceZip64Format: false, comment });
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    zip.outputStream.on('data', (chunk: Buffer) => chunks.push(chunk));
    zip.outputStream.on('error', reject);
    zip.outputStream.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
  });
}

function envSh({ host, user }: ClientBundleParts): string {
  return `export COMPOSE_TLS_VERSION=TLSv1_2
export DOCKER_TLS_VERIFY=1
export DOCKER_CERT_PATH="$(pwd)"
export DOCKER_HOST=tcp://${host}

#
# Bundle for user ${user}
# UCP Instance ID of the certificate: see O= of cert.pem
#
# This admin cert will also work directly against Swarm and the individual
# engine proxies for troubleshooting.  After sourcing this env file, use
# "docker info" to discover the location of Swarm managers and engines.
# and use the --host option to override $DOCKER_HOST
#
# Run this command from within this directory to configure your shell:
# eval "$(<env.sh)"
`;
}

function envCmd({ host, user }: ClientBundleParts): string {
  return [
    '@echo off',
    'set COMPOSE_TLS_VERSION=TLSv1_2',
    'set DOCKER_TLS_VERIFY=1',
    'set DOCKER_CERT_PATH=%~dp0',
    `set DOCKER_HOST=tcp://${host}`,
    '',
    `REM Bundle for user ${user}`,
    '',
  ].join('\r\n');
}

function envPs1({ host, user }: ClientBundleParts): string {
  return `$Env:COMPOSE_TLS_VERSION = "TLSv1_2"
$Env:DOCKER_TLS_VERIFY = "1"
$Env:DOCKER_CERT_PATH = $(Split-Path $script:MyInvocation.MyCommand.Path)
$Env:DOCKER_HOST = "tcp://${host}"

#
# Bundle for user ${user}
#
`;
}

function kubeYml({ host, user, ca, keyPair }: ClientBundleParts): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const cluster = `ucp_${host}`;
  return `apiVersion: v1
kind: Config
clusters:
- name: ${cluster}
  cluster:
    certificate-authority-data: ${base64(ca)}
    server: https://${host}
contexts:
- name: ${cluster}_${user}
  context:
    cluster: ${cluster}
    user: ${cluster}_${user}
current-context: ${cluster}_${user}
users:
- name: ${cluster}_${user}
  user:
    client-certificate-data: ${base64(keyPair.certificate)}
    client-key-data: ${base64(keyPair.privateKey)}
`;
}

function metaJson({ host, user }: ClientBundleParts): string {
  return JSON.stringify({
    Name: `${host}_${user}`,
    Metadata: { Description: `Docker Universal Control Plane ${host}`, StackOrchestrator: 'swarm' },
    Endpoints: {
      docker: { Host: `tcp://${host}`, SkipTLSVerify: false },
      kubernetes: { Host: `https://${host}`, SkipTLSVerify: false, DefaultNamespace: 'default' },
    },
  });
}
