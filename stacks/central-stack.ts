import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { CentralTrust, type Topology } from 'cdktf-dct';

/** What is there once: the repositories of the central registry, with their roots of trust. */
export class CentralStack extends TerraformStack {
  constructor(scope: Construct, topology: Topology) {
    super(scope, 'central');
    new CentralTrust(this, 'trust', topology);
  }
}
