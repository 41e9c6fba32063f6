import { isDeepStrictEqual } from 'node:util';
import type { Construct, IConstruct } from 'constructs';
import * as dct from '../bindings';
import { pathInModule } from './app-path';
import { Lazy, TerraformStack, Tokenization, type IResolvable } from './cdktf';
import { literalSecrets } from './literal-secrets';
import { ProviderInstallation } from './provider-installation';
import { refusal } from './refusal';

/**
 * Configuration of the Terraform provider `dct`. Paths (`directory`, `clientBundlePath`) are relative to the app's folder.
 * Secrets are Terraform variables, preferably ephemeral, or come from the environment; a literal is an error at synth.
 */
export type DctProviderProps = dct.DctProviderConfig;
export type ClusterConfig = dct.DctProviderClusters;
export type RegistryConfig = dct.DctProviderRegistry;
export type TrustStoreConfig = dct.DctProviderTrustStore;
export type SigningKeyConfig = dct.DctProviderSigningKeys;

/**
 * The Terraform provider `dct` in a stack. It brings itself along: synth lays it, and its lock entry, into the stack.
 * A stack has one, which {@link DctProvider.of} finds or makes, and any number with an `alias`.
 */
export class DctProvider extends dct.DctProvider {
  /** The provider of the stack that `scope` is in; made on first use. Registry and clusters add themselves to it. */
  static of(scope: IConstruct): DctProvider {
    const stack = TerraformStack.of(scope);
    return providers.get(stack) ?? new DctProvider(stack, 'dct');
  }

  // The version is the built provider's, which the generated class cannot know.
  override readonly terraformGeneratorMetadata: { readonly providerName: string; readonly providerVersion: string };

  constructor(scope: Construct, id: string, props: DctProviderProps = {}) {
    super(scope, id, { ...props, ...pathsInModule(scope, props) });
    const stack = TerraformStack.of(this);
    const { version } = ProviderInstallation.in(stack).provider;
    this.terraformGeneratorMetadata = { providerName: 'dct', providerVersion: version };
    if (props.alias === undefined) {
      const other = providers.get(stack);
      if (other !== undefined) {
        throw refusal(
          this,
          `the stack has the provider ${other.node.path} already`,
          'use DctProvider.of(scope), make this one before anything that needs it, or give it an alias',
        );
      }
      providers.set(stack, this);
    }
    this.node.addValidation({ validate: () => literalSecrets(super.synthesizeAttributes()) });
  }

  /** Sets the central registry. Throws when there is one already. */
  addRegistry(registry: RegistryConfig): void {
    if (this.registryInput !== undefined) {
      throw refusal(
        this,
        `the provider has the registry ${this.registryInput.hostAddress} already`,
        'give the other registry a provider of its own, with an alias',
      );
    }
    this.registry = registryInModule(this, registry);
  }

  /** Adds a UCP under a name that resources refer to. Throws when the name is taken. */
  addCluster(name: string, cluster: ClusterConfig): void {
    this.clusters = this.added('clusters', this.clustersInput, name, clusterInModule(this, cluster));
  }

  /** Adds a key to sign with. The same name again means the same key. */
  addSigningKey(name: string, key: SigningKeyConfig): void {
    const keys = this.signingKeysInput;
    if (keys !== undefined && name in keys) return;
    this.signingKeys = this.added('signingKeys', keys, name, key);
  }

  /** Sets the trust store. Throws when there is one already that is another. */
  useTrustStore(trustStore: TrustStoreConfig): void {
    const inModule = trustStoreInModule(this, trustStore);
    if (this.trustStoreInput !== undefined && !isDeepStrictEqual(this.trustStoreInput, inModule)) {
      throw refusal(
        this,
        'the provider has another trust store already',
        'give the other one a provider with an alias',
      );
    }
    this.trustStore = inModule;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const attributes: Record<string, unknown> = super.synthesizeAttributes();
    // The CDK turns all keys below a provider into snake case, also those of maps, which are the user's own: cluster names,
    // GUNs, key IDs. It leaves tokens alone.
    const keepKeys = (value: unknown) =>
      typeof value === 'object' && value !== null ? Lazy.anyValue({ produce: () => value }) : value;
    return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, keepKeys(value)]));
  }

  private added<T>(
    attribute: string,
    map: Record<string, T> | IResolvable | undefined,
    name: string,
    value: T,
  ): Record<string, T> {
    if (map !== undefined && Tokenization.isResolvable(map)) {
      throw refusal(this, `${attribute} is a Terraform expression`, 'nothing can be added to it: give it as an object');
    }
    if (map !== undefined && name in map) {
      throw refusal(this, `${attribute} has ${JSON.stringify(name)} already`, 'choose another name');
    }
    return { ...map, [name]: value };
  }
}

const providers = new WeakMap<TerraformStack, DctProvider>();

function pathsInModule(scope: IConstruct, { registry, clusters, trustStore }: DctProviderProps): DctProviderProps {
  return {
    registry: registry && registryInModule(scope, registry),
    clusters:
      clusters === undefined || Tokenization.isResolvable(clusters)
        ? clusters
        : Object.fromEntries(
            Object.entries(clusters).map(([name, cluster]) => [name, clusterInModule(scope, cluster)]),
          ),
    trustStore: trustStore && trustStoreInModule(scope, trustStore),
  };
}

function registryInModule(scope: IConstruct, registry: RegistryConfig): RegistryConfig {
  const { clientBundlePath: path } = registry;
  return path === undefined ? registry : { ...registry, clientBundlePath: pathInModule(scope, path) };
}

function clusterInModule(scope: IConstruct, cluster: ClusterConfig): ClusterConfig {
  const { clientBundlePath: path } = cluster;
  return path === undefined ? cluster : { ...cluster, clientBundlePath: pathInModule(scope, path) };
}

function trustStoreInModule(scope: IConstruct, trustStore: TrustStoreConfig): TrustStoreConfig {
  const { directory } = trustStore;
  return directory === undefined ? trustStore : { ...trustStore, directory: pathInModule(scope, directory) };
}
