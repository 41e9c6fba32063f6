import { Construct, type IConstruct } from 'constructs';
import * as dct from '../bindings';
import { atSynth } from './at-synth';
import { Fn, NullProvider, NullResource, TerraformStack, type TerraformResource } from './cdktf';
import { dependOn, resourcesOf } from './dependencies';

export interface TrustGateProps {
  /** What has to stand: a topology, a repository, a cluster, single resources. Whatever is below them counts. */
  readonly watch: readonly IConstruct[];
}

export interface BeforeProps {
  /**
   * Replace the resource whenever the trust changes, instead of only making it wait.
   * @default false
   */
  readonly replace?: boolean;
}

/**
 * Makes other resources of a stack wait for trust: a `null_resource` that is replaced whenever the trust it watches changes
 * (root keys, signers' keys, digests, registrations and their CA, policies). Uses the stack's `null` provider, or makes one.
 */
export class TrustGate extends Construct {
  readonly resource: NullResource;

  constructor(scope: Construct, id: string, { watch }: TrustGateProps) {
    super(scope, id);
    this.resource = new NullResource(this, 'Resource');
    atSynth(this, () => {
      this.resource.triggers = Object.fromEntries(resourcesOf(watch).flatMap(trigger));
      const stack = TerraformStack.of(this);
      const isNull = (source = '') => source.split('/').at(-1) === 'null';
      if (!stack.allProviders().some((provider) => isNull(provider.terraformProviderSource)))
        new NullProvider(stack, 'null');
    });
  }

  /** Lets `resources` wait until trust stands, and be destroyed before it. Any construct: all resources below it. */
  before(resources: IConstruct, { replace = false }: BeforeProps = {}): void {
    for (const resource of resourcesOf([resources])) {
      dependOn(resource, [this.resource]);
      if (!replace) continue;
      const { lifecycle } = resource;
      const replaceTriggeredBy = [...(lifecycle?.replaceTriggeredBy ?? []), this.resource];
      resource.lifecycle = { ...lifecycle, replaceTriggeredBy };
    }
  }
}

/** What a resource of ours says about trust, under a name that reads well in a plan. */
function trigger(resource: TerraformResource): [string, string][] {
  const trust = trustOf(resource);
  if (trust === undefined) return [];
  return [[`${resource.terraformResourceType} ${resource.node.path}`, Fn.jsonencode(trust)]];
}

function trustOf(resource: TerraformResource): readonly unknown[] | undefined {
  if (resource instanceof dct.TrustedRegistry) return [resource.id, Fn.sha256(resource.caBundle)];
  if (resource instanceof dct.Repository) return [resource.gun, resource.rootKeyIds];
  if (resource instanceof dct.SignerDelegation) return [resource.id, resource.keyIds];
  if (resource instanceof dct.SignedTag) return [resource.id, resource.digest, resource.keyIds];
  if (resource instanceof dct.Enforcement) {
    return [resource.id, resource.requireContentTrust, resource.requireSignatureFrom, resource.allowRepositories];
  }
  return undefined;
}
