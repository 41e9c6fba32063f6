import type { Sandbox } from '../../src/sandbox';
import { environmentOf } from './cdktf';

/** Prints what can be tried by hand while the sandbox is up. */
export function howToGoOn(folder: string, sandbox: Sandbox): void {
  const variables = Object.entries(environmentOf(sandbox)).map(([name, value]) => `  export ${name}=${quoted(value)}`);
  const [cluster2] = sandbox.clusters.filter((cluster) => cluster.name === 'cluster2');
  const image = `${sandbox.registry.hostAddress}/admin/trustdemo:1`;
  console.log(`
The sandbox stays up until you press Ctrl-C; its folder is removed then. In another shell:

  cd ${quoted(folder)}
${variables.join('\n')}

Change topology.toml, then
  npx cdktf diff remote-cluster2
  npx cdktf deploy '*'

Look at the trust data:
  echo "$DCT_REGISTRY_PASSWORD" | docker login --username ${sandbox.registry.username} --password-stdin ${sandbox.registry.hostAddress}
  docker trust inspect --pretty ${image.slice(0, image.lastIndexOf(':'))}

Use a cluster with the docker CLI:
  cd ${quoted(cluster2?.clientBundle ?? '')} && . ./env.sh
  docker service create --detach ${image}
  docker service ls

Client bundles:
${sandbox.clusters.map(({ name, clientBundle }) => `  ${name}  ${clientBundle}`).join('\n')}`);
}

function quoted(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
