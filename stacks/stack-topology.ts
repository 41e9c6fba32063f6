import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DctError, loadTopology, type Topology } from 'cdktf-dct';

/** The topology of the file that `DCT_TOPOLOGY` names. Throws `no_topology` when it is not there, saying what to do. */
export function stackTopology(environment: NodeJS.ProcessEnv): Topology {
  const file = environment['DCT_TOPOLOGY'] ?? 'topology.toml';
  if (!existsSync(file)) {
    throw new DctError('no_topology', `there is no topology file ${resolve(file)}`, {
      cure:
        'name one in the environment variable DCT_TOPOLOGY; to try it, `npx dct sandbox` starts a registry and clusters, ' +
        'and prints the path of a topology file for them',
    });
  }
  return loadTopology(file);
}
