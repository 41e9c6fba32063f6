import { Construct, type IConstruct } from 'constructs';
import * as dct from '../bindings';
import { atSynth } from './at-synth';
import {
  dependable,
  Fn,
  NullProvider,
  NullResource,
  TerraformStack,
  type TerraformProvider,
  type TerraformResource,
} from './cdktf';
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
  private readonly address: string;

  constructor(scope: Construct, id: string, { watch }: TrustGateProps) {
    super(scope, id);
    this.resource = new NullResource(this, 'Default');
    this.address = dependable(this.resource);
    atSynth(this, () => {
      this.resource.triggers = Object.fromEntries(resourcesOf(watch).flatMap(trigger));
      ensureNullProvider(TerraformStack.of(this));
    });
  }

  /** Lets `waiting` wait until trust stands, and be destroyed before it. Any construct: all resources below it. */
  before(waiting: IConstruct, { replace = false }: BeforeProps = {}): void {
    atSynth(waiting, () => {
      for (const resource of resourcesOf([waiting])) {
        dependOn(resource, [this.resource]);
        if (replace) replaceWith(resource, this.address);
      }
    });
  }
}

/** By address: the CDK writes a resource given here as `"${…}"`, which Terraform does not take in this place. */
function replaceWith(resource: TerraformResource, cause: string): void {
  const causes = resource.lifecycle?.replaceTriggeredBy ?? [];
  if (causes.includes(cause)) return;
  resource.lifecycle = { ...resource.lifecycle, replaceTriggeredBy: [...causes, cause] };
}

/** At synth, so that a provider which the stack makes itself, before or after the gate, is taken. */
function ensureNullProvider(stack: TerraformStack): void {
  const isNull = ({ terraformProviderSource: source = '' }: TerraformProvider) => source.split('/').at(-1) === 'null';
  if (!stack.allProviders().some(isNull)) new NullProvider(stack, 'null');
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
