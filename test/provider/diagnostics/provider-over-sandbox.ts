import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json, ObjectValue } from '../../../src/plugin';
import type { Configuration } from '../../../src/provider/configuration/configuration';
import { Connection } from '../../../src/provider/connection';
import { dctProvider } from '../../../src/provider/provider';
import { startSandbox, type Sandbox } from '../../../src/sandbox';
import { configurationOf } from '../configuration/configuration-of';
import { type Report, Reports } from './catalogue';

const ignore = (): void => undefined;
const log = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
const signal = new AbortController().signal;
const env = {
  DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: 'the root passphrase',
  DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: 'the repository passphrase',
};

/** What a provider block has otherwise. */
export interface Changes {
  /** Whose keys are at hand: clusters whose bundle’s key signs. */
  readonly signers?: readonly string[];
  readonly mustAdmit?: readonly string[];
  /** A trust store of its own. */
  readonly store?: string;
  readonly pins?: Readonly<Record<string, readonly string[]>>;
  readonly createRootKey?: boolean;
  /** Of cluster2, instead of its own. */
  readonly bundle?: string;
  readonly now?: Date;
}

/** The handlers of the provider on a sandbox, called as Terraform would, without Terraform in between. */
export class ProviderOverSandbox {
  private readonly connections: Connection[] = [];

  private constructor(
    readonly directory: string,
    readonly sandbox: Sandbox,
    readonly ca: string,
  ) {}

  static async start(): Promise<ProviderOverSandbox> {
    const directory = await mkdtemp(join(tmpdir(), 'dct-texts-'));
    const sandbox = await startSandbox({ directory: join(directory, 'sandbox'), clusters: 2 });
    return new ProviderOverSandbox(directory, sandbox, await readFile(sandbox.registry.caFile, 'utf8'));
  }

  async close(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.close()));
    await this.sandbox.close();
    await rm(this.directory, { recursive: true });
  }

  get hostAddress(): string {
    return this.sandbox.registry.hostAddress;
  }

  pem(cluster: string, file: string): Promise<string> {
    return readFile(join(this.directory, 'sandbox/bundles', cluster, file), 'utf8');
  }

  /** Another process of Terraform. */
  async connect(changes: Changes = {}) {
    const { signers = [], mustAdmit, store = 'trust', pins, createRootKey = true, bundle, now } = changes;
    const { registry, clusters } = this.sandbox;
    const keys = await Promise.all(
      signers.map(async (name) => [name, { private_key: await this.pem(name, 'key.pem'), passphrase: null }] as const),
    );
    const config: Configuration = configurationOf({
      registry: {
        ...{ host_address: registry.hostAddress, ca_bundle: this.ca, ca_sha256: null, notary_url: null },
        ...{ username: registry.username, password: registry.password, client_bundle_path: null },
      },
      clusters: Object.fromEntries(
        clusters.map(({ name, clientBundle }) => [
          name,
          {
            client_bundle_path: name === 'cluster2' ? (bundle ?? clientBundle) : clientBundle,
            ...{ endpoint: null, certificate: null, private_key: null },
            ...{ ca_bundle: null, username: null, password: null, must_admit: mustAdmit ?? null },
          },
        ]),
      ),
      trust_store: {
        ...{ directory: join(this.directory, store), root_passphrase: null, repository_passphrase: null },
        ...{ passphrases: null, root_key_id: null, create_root_key: createRootKey },
      },
      signing_keys: Object.fromEntries(keys),
      root_pins: pins ?? null,
      max_retries: 0,
    });
    const connection = new Connection(config, env, log, now && { clock: () => now });
    this.connections.push(connection);
    return connection;
  }
}

type Work = 'plan' | 'planDestroy' | 'create' | 'read' | 'update' | 'delete';

/** Calls a handler of a resource; gives what it reported, and what it returned. */
export async function handle(
  connection: Connection,
  name: string,
  work: Work,
  values: ObjectValue,
  { prior, remembered = {} }: { prior?: ObjectValue; remembered?: Readonly<Record<string, Json>> } = {},
): Promise<{ readonly reports: Report[]; readonly state: ObjectValue | undefined }> {
  const reports = new Reports();
  const kept = new Map<string, Json>(Object.entries(remembered));
  const privateData = {
    get: (key: string) => kept.get(key),
    set: (key: string, value: Json | undefined) => {
      if (value !== undefined) kept.set(key, value);
    },
  };
  const resource = dctProvider.resources.find((each) => each.name === name);
  if (resource === undefined) throw new Error(`there is no resource ${name}`);
  const context = { signal, log, privateData, provider: connection, warn: reports.warn };
  const whole = (given: ObjectValue): ObjectValue => ({
    ...Object.fromEntries(Object.keys(resource.attributes).map((attribute) => [attribute, null])),
    ...given,
  });
  const planned = whole(values);
  const ignored = (): void => undefined;
  const planning = { ...context, error: reports.error, requireReplace: ignored };
  const made = await {
    plan: () => resource.plan?.({ ...planning, prior: prior && whole(prior), config: planned, planned }),
    planDestroy: () => resource.planDestroy?.({ ...context, error: reports.error, prior: planned }),
    create: () => resource.create({ ...context, planned, config: planned }),
    read: () => resource.read({ ...context, state: planned }),
    update: () => resource.update?.({ ...context, prior: whole(prior ?? {}), planned, config: planned }),
    delete: () => resource.delete({ ...context, state: planned }),
  }[work]();
  return { reports: reports.all, state: made as ObjectValue | undefined };
}
