import { TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

/** Some provider of somebody else's. */
export class OtherProvider extends TerraformProvider {
  constructor(scope: Construct, id: string, source: string | undefined, constraint: string | undefined) {
    super(scope, id, {
      terraformResourceType: 'cloud',
      terraformProviderSource: source,
      terraformGeneratorMetadata: { providerName: 'cloud', providerVersionConstraint: constraint },
    });
  }
}

/** An entry as `terraform init` writes it. */
export function existing(source: string, version: string): string {
  return `provider "${source}" {\n  version     = "${version}"\n  constraints = "~> 5.0"\n  hashes = [\n    "h1:AAAA=",\n  ]\n}\n`;
}
