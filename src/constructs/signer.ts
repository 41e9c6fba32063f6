import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { IConstruct } from 'constructs';
import { contentOf } from './app-path';
import type { DctProvider } from './dct-provider';
import { signerProblem } from './names';
import { publicKeyProblem } from './pem';
import { refusal, refuse } from './refusal';
import type { RemoteCluster } from './remote-cluster';
import { isTerraformExpression } from './terraform-expression';

export interface SignerProps {
  /** PEM: certificates (`cert.pem` of a client bundle) or public keys. */
  readonly publicKeys: readonly string[];
  /**
   * The signer's private key, PEM, to sign with; relative to the app's folder. Read by Terraform when it is needed.
   * @default - the key is in docker's trust store, or somebody else signs
   */
  readonly privateKeyPath?: string;
  /**
   * Opens an encrypted private key: a Terraform variable.
   * @default - the key is not encrypted
   */
  readonly passphrase?: string;
}

/** Somebody who signs: the delegation `targets/<name>`, known by keys. Made by {@link RemoteCluster.signer}. */
export class Signer {
  readonly publicKeys: readonly string[];

  /** `owner` is what errors name. Throws `invalid_construct` for a name or key that Notary would not take. */
  constructor(
    readonly owner: IConstruct,
    readonly name: string,
    private readonly props: SignerProps,
    /** The cluster whose user this is. */
    readonly cluster?: RemoteCluster,
  ) {
    this.publicKeys = props.publicKeys;
    refuse(owner, signerProblem(name));
    if (this.publicKeys.length === 0) {
      throw refusal(owner, `the signer ${name} has no public key`, 'give cert.pem of the signer’s client bundle');
    }
    for (const pem of this.publicKeys) refuse(owner, publicKeyProblem(pem, `the public key of signer ${name}`));
  }

  /** `cluster2/cluster2admin` */
  get reference(): string {
    return this.cluster === undefined ? this.name : `${this.cluster.clusterName}/${this.name}`;
  }

  /**
   * Gives the provider the private key, where one is named, so that it can sign for this signer. Throws `invalid_construct`
   * when there is no such file: Terraform would say so only in the middle of an apply.
   */
  lendKeyTo(provider: DctProvider): void {
    const { privateKeyPath, passphrase } = this.props;
    if (privateKeyPath === undefined) return;
    if (!isTerraformExpression(privateKeyPath) && !existsSync(privateKeyPath)) {
      throw refusal(
        this.owner,
        `the private key of signer ${this.name} is not there: ${resolve(privateKeyPath)}`,
        'correct privateKeyPath, or leave it out where the key is in docker’s trust store or somebody else signs',
      );
    }
    provider.addSigningKey(this.reference, { privateKey: contentOf(provider, privateKeyPath), passphrase });
  }
}
