import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { ClusterTrust, type Topology } from 'cdktf-dct';

/**
 * What is one cluster's: its registration of the registry, its signers' delegations and signatures, its enforcement. It names
 * repositories of the central stack and reads nothing from its state, so it can be planned before that stack is there.
 */
export class RemoteClusterStack extends TerraformStack {
  constructor(scope: Construct, topology: Topology, cluster: string) {
    super(scope, `remote-${cluster}`);
    new ClusterTrust(this, 'trust', { topology, cluster });
  }
}
