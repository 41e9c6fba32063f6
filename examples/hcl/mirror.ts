// Lays the provider into ./mirror, where terraform.rc tells Terraform to look for it, and pins its version: Terraform takes a
// build that is not a release by its exact version only.
import { writeFileSync } from 'node:fs';
import { layProvider, providerPackage } from 'cdktf-dct';

const provider = providerPackage();
layProvider('mirror', provider);
writeFileSync(
  'version_override.tf',
  `terraform {
  required_providers {
    dct = {
      source  = "${provider.source}"
      version = "${provider.version}"
    }
  }
}
`,
);
