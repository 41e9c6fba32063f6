import { Construct } from 'constructs';
import { DctProvider } from './dct-provider';
import { hostAddressProblem } from './names';
import { certificatesProblem, readPublicPem } from './pem';
import { refusal, refuse } from './refusal';
import { TrustedRepository, type TrustedRepositoryProps } from './trusted-repository';

export interface CentralRegistryProps {
  /** The first part of every GUN: host name, with a port where it is not 443. No scheme. */
  readonly hostAddress: string;
  /**
   * PEM certificates of the authority that signed the registry's TLS certificate.
   * @default - `caBundlePath`, `caSha256`, or else the authorities that the system trusts
   */
  readonly caBundle?: string;
  /** The file with these certificates, relative to the app's folder. Read at synth. */
  readonly caBundlePath?: string;
  /** SHA-256 fingerprint (hex) of the authority's certificate: the provider fetches `/ca` and takes nothing else. */
  readonly caSha256?: string;
  /** @default - environment `DCT_REGISTRY_USERNAME` */
  readonly username?: string;
  /**
   * A Terraform variable.
   * @default - environment `DCT_REGISTRY_PASSWORD`
   */
  readonly password?: string;
  /** Folder or zip of a UCP client bundle to log in with, relative to the app's folder. */
  readonly clientBundlePath?: string;
  /** @default - `https://<hostAddress>` */
  readonly notaryUrl?: string;
  /** @default - the one provider of the stack */
  readonly provider?: DctProvider;
}

/** The one DTR (MSR) that holds the images and their trust data. Adds itself to the provider's configuration. */
export class CentralRegistry extends Construct {
  readonly hostAddress: string;
  /** As given, or read from `caBundlePath`. */
  readonly caBundle: string | undefined;
  readonly provider: DctProvider;
  private readonly repositories = new Map<string, TrustedRepository>();

  /** Throws `invalid_construct` for an address that cannot begin a GUN, or certificates that are none. */
  constructor(scope: Construct, id: string, props: CentralRegistryProps) {
    super(scope, id);
    const { hostAddress, caBundlePath, caSha256, username, password, clientBundlePath, notaryUrl } = props;
    refuse(this, hostAddressProblem(hostAddress));
    if ([props.caBundle, caBundlePath, caSha256].filter((given) => given !== undefined).length > 1) {
      throw refusal(this, 'there is more than one of caBundle, caBundlePath and caSha256', 'give one of them');
    }
    const caBundle = caBundlePath === undefined ? props.caBundle : readPublicPem(caBundlePath);
    if (caBundle !== undefined) refuse(this, certificatesProblem(caBundle, 'the CA bundle'));
    this.hostAddress = hostAddress;
    this.caBundle = caBundle;
    this.provider = props.provider ?? DctProvider.of(this);
    this.provider.addRegistry({ hostAddress, caBundle, caSha256, username, password, clientBundlePath, notaryUrl });
  }

  /**
   * A repository with trust data, which this stack makes and keeps. By name (`admin/trustdemo`) or GUN; the same one again
   * gives the same object.
   */
  repository(name: string, props: TrustedRepositoryProps = {}): TrustedRepository {
    return this.found(name) ?? this.added(name, { ...props, existing: false });
  }

  /** A repository that another stack, or docker, gives its trust data: signers and signatures can be added to it here. */
  existingRepository(name: string): TrustedRepository {
    return this.found(name) ?? this.added(name, { existing: true });
  }

  private found(name: string): TrustedRepository | undefined {
    return this.repositories.get(this.withoutHost(name));
  }

  private added(name: string, props: TrustedRepositoryProps & { existing: boolean }): TrustedRepository {
    const repository = new TrustedRepository(this, this.withoutHost(name), props);
    this.repositories.set(repository.name, repository);
    return repository;
  }

  private withoutHost(nameOrGun: string): string {
    const host = `${this.hostAddress}/`;
    return nameOrGun.startsWith(host) ? nameOrGun.slice(host.length) : nameOrGun;
  }
}
