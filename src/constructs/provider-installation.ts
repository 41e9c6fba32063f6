import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Construct } from 'constructs';
import {
  layProvider,
  providerPackage,
  writeLockEntries,
  type LockedProvider,
  type ProviderPackage,
} from '../distribution';
import { Annotations, onSynthesis, TerraformStack, type TerraformProvider } from './cdktf';

/**
 * Puts the Terraform provider and its lock entry into the folder of a synthesized stack, so that neither Terraform nor the
 * cdktf command asks a registry for it. One per stack.
 */
export class ProviderInstallation extends Construct {
  static in(stack: TerraformStack): ProviderInstallation {
    const found = stack.node.tryFindChild(ID);
    return found instanceof ProviderInstallation ? found : new ProviderInstallation(stack);
  }

  readonly provider: ProviderPackage;

  private constructor(stack: TerraformStack) {
    super(stack, ID);
    this.provider = providerPackage();
    onSynthesis(this, (folder) => this.install(folder));
  }

  private install(stackFolder: string): void {
    layProvider(join(stackFolder, 'terraform.d/plugins'), this.provider);
    const others = otherProviders(TerraformStack.of(this), this.provider.source);
    // The cdktf command runs `terraform providers lock` for all providers as soon as one has no entry, which then fails on ours.
    writeLockEntries(stackFolder, [this.provider, ...others.filter(({ version }) => EXACT_VERSION.test(version))]);
    const locked = readFileSync(join(stackFolder, LOCK_FILE), 'utf8');
    for (const { source, version } of others) {
      if (locked.includes(`provider "${source}" {`)) continue;
      Annotations.of(this).addWarning(
        `The provider ${source} has no exact version (${version === '' ? 'any' : version}), so no lock entry for it can be ` +
          'written beside that of dct. Give it an exact version, or set CDKTF_SKIP_PROVIDER_LOCK=true: without one of these the ' +
          'first `cdktf deploy` fails at "terraform providers lock".',
      );
    }
  }
}

const ID = 'dct-installation';
const LOCK_FILE = '.terraform.lock.hcl';
const EXACT_VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

function otherProviders(stack: TerraformStack, ours: string): LockedProvider[] {
  const all = stack
    .allProviders()
    .map((provider) => ({ source: sourceAddress(provider), version: versionOf(provider) }));
  return all.filter(({ source }) => source !== ours);
}

function versionOf({ terraformGeneratorMetadata: metadata }: TerraformProvider): string {
  return metadata?.providerVersion ?? metadata?.providerVersionConstraint ?? '';
}

/** With host and namespace, as Terraform's lock file has it. */
function sourceAddress(provider: TerraformProvider): string {
  const parts = (provider.terraformProviderSource ?? provider.terraformResourceType).toLowerCase().split('/');
  return ['registry.terraform.io', 'hashicorp']
    .slice(0, 3 - parts.length)
    .concat(parts)
    .join('/');
}
