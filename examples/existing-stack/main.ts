// A stack that was there before takes trust in: its workload starts only once trust stands, and again when trust changes.
import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { Resource as NullResource } from '@cdktf/provider-null/lib/resource';
import { App, TerraformStack } from 'cdktf';
import { loadTopology, TrustGate, TrustTopology } from 'cdktf-dct';
import type { Construct } from 'constructs';

class ExistingStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const topology = loadTopology('sandbox/topology.toml');

    // What the stack had: a workload on cluster2, started with the docker command through a client bundle.
    new NullProvider(this, 'null');
    const docker = (command: string) => ({
      type: 'local-exec' as const,
      workingDir: '${path.module}/../../../sandbox/bundles/cluster2',
      command: `. ./env.sh && docker ${command}`,
    });
    const image = `${topology.registry.hostAddress}/admin/trustdemo:1`;
    const workload = new NullResource(this, 'workload', {
      provisioners: [
        docker(`service create --detach --name web ${image}`),
        { ...docker('service rm web'), when: 'destroy' },
      ],
    });

    // What is new.
    const trust = new TrustTopology(this, 'trust', topology);
    const gate = new TrustGate(this, 'gate', { watch: [trust] });
    gate.before(workload, { replace: true });
  }
}

const app = new App();
new ExistingStack(app, 'existing');
app.synth();
