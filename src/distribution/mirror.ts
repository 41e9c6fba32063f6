import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ProviderPackage } from './provider-package';

/** The provider is one JavaScript file, the same everywhere; Terraform wants a folder for each of these. */
export const PLATFORMS = ['darwin_amd64', 'darwin_arm64', 'linux_amd64', 'linux_arm64'] as const;

/**
 * Lays the provider below `directory` in the layout that Terraform reads from `terraform.d/plugins` and from a
 * `filesystem_mirror` (Terraform documentation, "Implied Local Mirror Directories"). Other builds of it are removed.
 */
export function layProvider(directory: string, provider: ProviderPackage): void {
  const address = join(directory, provider.source);
  rmSync(address, { recursive: true, force: true });
  for (const platform of PLATFORMS) {
    const target = join(address, provider.version, platform);
    mkdirSync(target, { recursive: true });
    for (const file of provider.files) copyFileSync(file, join(target, basename(file)));
  }
}
