import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '../../src/http';
import { serveForTests, type TestServer } from '../../src/plugin';
import { dctProviderWith } from '../../src/provider/provider';
import { startSandbox, type Sandbox } from '../../src/sandbox';
import { KeptConnections } from './kept-connections';
import { differences, type Picture, pictureOf } from './picture';
import type { Watch } from './settled';
import { secretsOf } from './state-secrets';
import { Terraform } from './terraform';

export const SOURCE = 'terraform.local/cdktf-dct/dct';

/** The sandbox does at once what a UCP takes minutes for. */
export const brief: typeof sleep = (milliseconds, signal) => sleep(Math.min(milliseconds, 10), signal);

/** A sandbox, the provider in this very process, and real Terraform that knows both. */
export class World {
  private constructor(
    readonly directory: string,
    readonly sandbox: Sandbox,
    readonly terraform: Terraform,
    private readonly server: TestServer,
    readonly connections: KeptConnections,
    private readonly watch: Watch,
    private readonly untouched: Picture,
  ) {}

  /** @param options `clock` is the provider’s and the sandbox’s time; `log` gets the lines that the provider would write to Terraform's log */
  static async start(
    options: { readonly clusters?: number; readonly clock?: () => Date; readonly log?: (line: string) => void } = {},
  ): Promise<World> {
    const directory = await mkdtemp(join(tmpdir(), 'dct-acceptance-'));
    const { clusters = 2, clock } = options;
    const sandbox = await startSandbox({
      directory: join(directory, 'sandbox'),
      clusters,
      ...(clock && { clock: { now: clock } }),
    });
    process.env['DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE'] = 'the root passphrase';
    process.env['DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE'] = 'the repository passphrase';
    process.env['DCT_REGISTRY_PASSWORD'] = sandbox.registry.password;
    const connections = new KeptConnections();
    const server = await serveForTests(
      dctProviderWith({ patience: 500, ...(clock && { clock }), sleep: brief, connections: connections.open }),
      SOURCE,
      options.log && { log: options.log },
    );
    const watch: Watch = { secrets: (configuration) => secretsOf(sandbox, configuration) };
    const terraform = await Terraform.start({ TF_REATTACH_PROVIDERS: server.reattach }, watch);
    return new World(directory, sandbox, terraform, server, connections, watch, await pictureOf(sandbox));
  }

  /** With a state of its own; to be closed by who asks for it. */
  anotherTerraform(environment: NodeJS.ProcessEnv = {}): Promise<Terraform> {
    return Terraform.start({ ...environment, TF_REATTACH_PROVIDERS: this.server.reattach }, this.watch);
  }

  /**
   * Destroys what the state holds. Then clusters, their sessions and all trust data are as they were at the start.
   * @param left what of these the test says is not (see `Picture`)
   */
  async expectNothingLeft(left: readonly string[] = []): Promise<void> {
    const { terraform, sandbox } = this;
    const managed = async (): Promise<string[]> =>
      [...(await terraform.state()).keys()].filter((address) => !/(^|\.)data\./.test(address));
    if ((await managed()).length > 0) await terraform.must(terraform.destroy());
    expect(await managed()).toEqual([]);
    expect(differences(this.untouched, await pictureOf(sandbox))).toEqual([...left].sort());
  }

  /** Looks first whether anything is left: see `expectNothingLeft`. */
  async close(left?: readonly string[]): Promise<void> {
    try {
      await this.expectNothingLeft(left);
    } finally {
      await this.server.close();
      await this.connections.close();
      await this.sandbox.close();
      await this.terraform.close();
      await rm(this.directory, { recursive: true, force: true });
    }
  }

  get trustStore(): string {
    return join(this.directory, 'trust');
  }

  get gun(): string {
    return `${this.sandbox.registry.hostAddress}/admin/trustdemo`;
  }

  bundle(cluster: string): string {
    return join(this.sandbox.directory, 'bundles', cluster);
  }

  /** A file of a client bundle: `cert.pem`. */
  async pem(cluster: string, file: string): Promise<string> {
    return readFile(join(this.bundle(cluster), file), 'utf8');
  }

  /** The digest of an image that the sandbox made. */
  async digest(tag: string, repository = 'admin/trustdemo'): Promise<string> {
    const manifest = await this.sandbox.dtr.images.manifest(repository, tag);
    if (manifest === undefined) throw new Error(`the sandbox has no ${repository}:${tag}`);
    return manifest.digest;
  }

  /** `required_providers` and the provider block for all of the sandbox, with whatever else it is to hold. */
  provider(extra: { readonly cluster2?: string; readonly more?: string } = {}): string {
    const { registry, clusters } = this.sandbox;
    return `
terraform {
  required_providers {
    dct = { source = "${SOURCE}" }
  }
}

provider "dct" {
  registry = {
    host_address = "${registry.hostAddress}"
    ca_bundle    = file("${registry.caFile}")
    username     = "${registry.username}"
  }
  clusters = {
${clusters
  .map(
    ({ name, clientBundle }) => `    ${name} = {
      client_bundle_path = "${clientBundle}"
      ${name === 'cluster2' ? (extra.cluster2 ?? '') : ''}
    }`,
  )
  .join('\n')}
  }
  trust_store = { directory = "${this.trustStore}", create_root_key = true }
  signing_keys = {
    cluster2admin = { private_key = file("${this.bundle('cluster2')}/key.pem") }
  }
  ${extra.more ?? ''}
}
`;
  }
}

/** Terraform's way to write a text of several lines. */
export function heredoc(text: string): string {
  return `<<-EOT\n${text.trimEnd()}\nEOT\n`;
}
