import { join, resolve } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { block, type Settings } from '../../acceptance/configuration';
import { RealCore } from '../../acceptance/random/real-core';
import { Terraform } from '../../acceptance/terraform';
import { makeCertificate } from '../../notary/certificates';
import { passphrases } from '../docker';
import type { TrustStack } from '../stack';
import { type Pipeline, ProcessCore } from './process-core';
import type { Person } from './wishes';

const SOURCE = 'terraform.local/cdktf-dct/dct';
const BUILT = resolve(__dirname, '../../../dist/provider');

/** A pipeline that can be ended. */
export interface Started {
  readonly pipeline: Pipeline;
  readonly close: () => Promise<void>;
}

/** How a pipeline runs: given its provider block and its environment. */
export type Start = (provider: Settings, env: NodeJS.ProcessEnv) => Promise<Started>;

/** The provider from its sources, below a stand-in for Terraform’s core, in a process of its own. */
export function inProcess(worker: string): Start {
  return async (provider, env) => {
    const pipeline = await ProcessCore.start(worker, provider, env);
    return { pipeline, close: () => pipeline.close() };
  };
}

/** Real Terraform with the built provider. An apply plans by itself. */
export async function withTerraform(provider: Settings, env: NodeJS.ProcessEnv): Promise<Started> {
  const terraform = await Terraform.start(env);
  const overrides = `provider_installation {\n  dev_overrides {\n    "${SOURCE}" = "${BUILT}"\n  }\n  direct {}\n}\n`;
  // where Terraform.start looks for the user's settings
  await writeFile(join(terraform.directory, 'none.tfrc'), overrides);
  const required = `terraform {\n  required_providers {\n    dct = { source = "${SOURCE}" }\n  }\n}\n`;
  const core = new RealCore(terraform, () => required + block('provider "dct"', provider));
  const apply: Pipeline['apply'] = async () => {
    const { ok, errors, stderr } = await terraform.apply();
    return { ok, errors: ok ? [] : [...errors.map(({ summary, detail }) => `${summary}\n${detail}`), stderr] };
  };
  const pipeline: Pipeline = { configure: (blocks) => core.configure(blocks), plan: () => core.plan(), apply };
  return { pipeline, close: () => terraform.close() };
}

/** Keys of a signer: a certificate, the same renewed, and another key. */
export async function makePerson(): Promise<Person> {
  const first = await makeCertificate({ notAfter: new Date('2090-01-01T00:00:00Z') });
  const renewed = await makeCertificate({ notAfter: new Date('2091-01-01T00:00:00Z'), keys: first.keys });
  const second = await makeCertificate();
  const pems = { first: first.certificate, renewed: renewed.certificate, second: second.publicKey };
  return { pems, secrets: [first.privateKey, second.privateKey] };
}

/** A provider block for these keys and this trust store; the password comes by the environment. */
export function providerOf(stack: TrustStack, directory: string, secrets: readonly string[]): Settings {
  const keys = secrets.map((private_key, index) => [`key${index}`, { private_key }] as const);
  return {
    registry: {
      host_address: stack.hostAddress,
      ca_bundle: stack.authority.caBundle,
      ...(stack.tokens && { username: stack.tokens.username }),
    },
    trust_store: { directory },
    signing_keys: Object.fromEntries(keys),
  };
}

export function environmentOf({ tokens }: TrustStack): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'] ?? '',
    DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: passphrases.root,
    DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: passphrases.repository,
    ...(tokens && { DCT_REGISTRY_PASSWORD: tokens.password }),
  };
}
