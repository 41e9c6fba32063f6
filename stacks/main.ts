// The app of cdktf.json: a central stack, and one for each cluster, from the topology file that DCT_TOPOLOGY names.
import { App } from 'cdktf';
import { DctError } from 'cdktf-dct';
import { CentralStack } from './central-stack';
import { RemoteClusterStack } from './remote-cluster-stack';
import { stackTopology } from './stack-topology';

try {
  const topology = stackTopology(process.env);
  const app = new App();
  const central = new CentralStack(app, topology);
  for (const cluster of Object.keys(topology.clusters)) {
    new RemoteClusterStack(app, topology, cluster).addDependency(central);
  }
  app.synth();
} catch (error) {
  if (!(error instanceof DctError)) throw error;
  // A mistake in the topology is explained by its message, not by a stack trace.
  console.error(
    error.cure === undefined || error.message.includes(error.cure) ? error.message : `${error.message}; ${error.cure}`,
  );
  process.exitCode = 1;
}
