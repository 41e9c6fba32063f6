import { join } from 'node:path';
import type { Sandbox } from '../sandbox';
import type { Terminal } from './terminal';

export interface SandboxFlags {
  readonly clusters: number;
  /** As the person gave it. */
  readonly dir: string;
  readonly notary: 'embedded' | 'real';
}

/** What a person reads when a sandbox is up: what there is, and what to try. */
export function sandboxText(sandbox: Sandbox, flags: SandboxFlags, terminal: Terminal): string {
  const { dir: directory } = flags;
  const { registry, clusters, topology } = sandbox;
  const leftOut = clusters.length >= 4 ? clusters.at(-1)?.name : undefined;
  const about = (name: string): string => {
    if (name === 'cluster1') return 'the registry’s own';
    return name === leftOut ? 'runs only signed images; in no topology' : '';
  };
  const rows = [
    ['registry', `https://${registry.hostAddress}`, `${registry.username} / ${registry.password}`],
    ...clusters.map(({ name, endpoint }) => [name, endpoint, about(name)]),
  ];
  const bundle = join(directory, 'bundles', clusters.length > 1 ? 'cluster2' : 'cluster1');
  return `${terminal.bold('The sandbox is up.')}

${rows.map((row) => `  ${columns(row)}`.trimEnd()).join('\n')}

  CA           ${registry.caFile}
  bundles      ${join(directory, 'bundles')}
  topology     ${topology}
  everything   ${join(directory, 'sandbox.json')}
  process      ${process.pid}

${terminal.bold('To try')}
  cd ${bundle} && eval "$(<env.sh)"
  docker version
  docker service create --detach ${registry.hostAddress}/admin/trustdemo:1
  docker service ls

${terminal.bold('To deploy the topology')}
  export DCT_TOPOLOGY=${topology}
  export DCT_REGISTRY_PASSWORD=${registry.password}
  export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE='of your choice'
  export DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE='of your choice'
  npx cdktf deploy '*'                         in a clone of cdktf-dct; in a project of your own:
  new TrustTopology(stack, 'trust', loadTopology('${topology}'))

${afterwards(flags)}
`;
}

function afterwards({ clusters, dir, notary }: SandboxFlags): string {
  const again = `dct sandbox --clusters ${clusters} --dir ${dir}`;
  if (notary === 'embedded') return `Ctrl-C or kill ${process.pid} stops it; ${again} brings it back as it was.`;
  return `Ctrl-C or kill ${process.pid} stops it; ${again} --notary real brings it back, without what was signed.`;
}

function columns([first = '', second = '', third = '']: readonly string[]): string {
  return `${first.padEnd(13)}${second.padEnd(26)}${third}`;
}
