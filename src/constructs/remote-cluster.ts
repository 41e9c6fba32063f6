import { Construct, type IConstruct } from 'constructs';
import * as dct from '../bindings';
import { atSynth } from './at-synth';
import type { TerraformResource } from './cdktf';
import type { CentralRegistry } from './central-registry';
import { DctProvider } from './dct-provider';
import { dependOn, resourcesOf } from './dependencies';
import { certificatesProblem, readPublicPem } from './pem';
import { refusal, refuse } from './refusal';
import { Signer, type SignerProps } from './signer';

export interface RemoteClusterProps {
  /**
   * The name in the provider's configuration and in resources.
   * @default - the construct's ID
   */
  readonly name?: string;
  /** Folder or zip of an administrator's client bundle, relative to the app's folder. Endpoint and CA default from it. */
  readonly clientBundlePath?: string;
  /** @default - what the client bundle says */
  readonly endpoint?: string;
  /** Client certificate (PEM), when there is no bundle. */
  readonly certificate?: string;
  /** Key of that certificate: a Terraform variable. */
  readonly privateKey?: string;
  /** PEM certificates of the authority of the UCP's TLS certificate. @default - the bundle's `ca.pem` */
  readonly caBundle?: string;
  /** The file with these certificates, relative to the app's folder. Read at synth. */
  readonly caBundlePath?: string;
  /** @default - environment `DCT_CLUSTER_<NAME>_USERNAME` */
  readonly username?: string;
  /** A Terraform variable. @default - environment `DCT_CLUSTER_<NAME>_PASSWORD` */
  readonly password?: string;
  /** Image references that this cluster has to be able to run, whatever is applied. */
  readonly mustAdmit?: readonly string[];
  /** @default - the one provider of the stack */
  readonly provider?: DctProvider;
}

export interface EnforceProps {
  /** Teams (`organization/team`) each of which has to have signed. @default - none; what that means is told by the data source dct_admission */
  readonly requireSignatureFrom?: readonly string[];
  /** Run only signed images. @default true */
  readonly requireContentTrust?: boolean;
  /** Repositories that are not checked. MKE only. */
  readonly allowRepositories?: readonly string[];
  /** What becomes of the policy on destroy: what was there before, off, or as it is. @default "restore" */
  readonly onDestroy?: 'restore' | 'disable' | 'keep';
  /** What has to stand first, besides this cluster's registrations and its signers' delegations and signatures. */
  readonly after?: readonly IConstruct[];
}

/** A UCP (MKE) that runs images of the central registry. Adds itself to the provider's configuration. */
export class RemoteCluster extends Construct {
  readonly clusterName: string;
  readonly provider: DctProvider;
  private readonly registered = new Map<CentralRegistry, dct.TrustedRegistry>();
  private readonly signatures = new Set<TerraformResource>();
  private policy: dct.Enforcement | undefined;

  /** Throws `invalid_construct` when the name is taken, certificates are none, or nothing says where the cluster is. */
  constructor(scope: Construct, id: string, props: RemoteClusterProps) {
    super(scope, id);
    const { name = id, caBundlePath, mustAdmit, provider, ...connection } = props;
    const caBundle = caBundlePath === undefined ? props.caBundle : readPublicPem(caBundlePath);
    if (caBundle !== undefined) refuse(this, certificatesProblem(caBundle, 'the CA bundle'));
    const { certificate } = connection;
    if (certificate !== undefined) refuse(this, certificatesProblem(certificate, 'the client certificate'));
    if (connection.clientBundlePath === undefined && connection.endpoint === undefined) {
      throw refusal(this, 'nothing says where the cluster is', 'give clientBundlePath, or endpoint');
    }
    this.clusterName = name;
    this.provider = provider ?? DctProvider.of(this);
    this.provider.addCluster(name, { ...connection, caBundle, mustAdmit: mustAdmit && [...mustAdmit] });
  }

  /** Registers the registry in this UCP, which then reads signatures from it. */
  trust(registry: CentralRegistry): dct.TrustedRegistry {
    const known = this.registered.get(registry);
    if (known !== undefined) return known;
    const registration = new dct.TrustedRegistry(this, registry.node.id, {
      cluster: this.clusterName,
      hostAddress: registry.hostAddress,
      // What the provider itself trusts is its default.
      caBundle: registry.provider === this.provider ? undefined : registry.caBundle,
      provider: this.provider,
    });
    this.registered.set(registry, registration);
    return registration;
  }

  /**
   * A user of this UCP as somebody who signs, with certificates (`cert.pem` of the user's client bundle) or public keys, PEM.
   * Nothing is done until a repository adds the signer.
   */
  signer(name: string, publicKeys: string | readonly string[], props: Omit<SignerProps, 'publicKeys'> = {}): Signer {
    const keys = typeof publicKeys === 'string' ? [publicKeys] : publicKeys;
    return new Signer(this, name, { ...props, publicKeys: keys }, this);
  }

  /**
   * Lets this UCP run only signed images. It waits for this cluster's registrations, for delegations and signatures of its
   * signers, and for whatever `after` names; on destroy it goes first.
   */
  enforce({ after = [], requireSignatureFrom, allowRepositories, ...props }: EnforceProps = {}): dct.Enforcement {
    if (this.policy !== undefined) {
      throw refusal(this, `the cluster ${this.clusterName} has its signing policy already`, 'call enforce() once');
    }
    const policy = new dct.Enforcement(this, 'enforcement', {
      cluster: this.clusterName,
      requireSignatureFrom: requireSignatureFrom && [...requireSignatureFrom],
      allowRepositories: allowRepositories && [...allowRepositories],
      provider: this.provider,
      ...props,
    });
    this.policy = policy;
    atSynth(policy, () => dependOn(policy, [...this.registrations, ...this.signatures, ...resourcesOf(after)]));
    return policy;
  }

  /** In this UCP, by {@link trust}. */
  get registrations(): readonly dct.TrustedRegistry[] {
    return [...this.registered.values()];
  }

  /** @internal What the cluster's images are admitted by: enforcement waits for it. */
  relyOn(resource: TerraformResource): void {
    this.signatures.add(resource);
  }
}
