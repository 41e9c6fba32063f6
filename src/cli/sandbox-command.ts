import { Command, InvalidArgumentError, Option } from 'commander';
import type * as sandboxModule from '../sandbox';
import { type SandboxFlags, sandboxText } from './sandbox-text';
import type { Terminal } from './terminal';

const mostClusters = 100;

/** `dct sandbox`: brings one up, stays until it is told to stop, and takes it down. */
export function sandboxCommand(terminal: Terminal): Command {
  return new Command('sandbox')
    .description('Bring up a DTR with Notary and UCP clusters on this machine, until Ctrl-C.')
    .option('-c, --clusters <number>', 'how many clusters, the registry’s own cluster1 among them', clusterCount, 3)
    .option('-d, --dir <directory>', 'where it keeps its state; what is there comes back as it was', '.dct-sandbox')
    .addOption(
      new Option('-n, --notary <which>', 'whose Notary keeps trust data; the real one has to be on PATH')
        .choices(['embedded', 'real'])
        .default('embedded'),
    )
    .option('--json', 'print one line of JSON once it is ready, and nothing else')
    .addHelpText(
      'after',
      `
With four clusters or more the last one is left out of the topology file: it runs only signed
images and does not know the registry.

Examples:
  dct sandbox
  dct sandbox --clusters 4 --dir /tmp/sandbox
  dct sandbox --notary real              notary-server and notary-signer behind the registry
  dct sandbox --json > ready.json &      up once the file has its line; ends with
                                         kill $(jq .pid ready.json)`,
    )
    .action(async (flags: SandboxFlags & { readonly json?: true }) => {
      // Loaded here, so that no other command waits for it; `import()` of our own files would need extensions.
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const { startSandbox } = require('../sandbox') as typeof sandboxModule;
      const stopped = terminal.untilStopped();
      const sandbox = await startSandbox({
        directory: flags.dir,
        clusters: flags.clusters,
        notary: flags.notary,
      });
      try {
        for (const warning of sandbox.warnings) terminal.complain(`dct: ${warning}\n`);
        const { registry, clusters, topology } = sandbox;
        terminal.print(
          flags.json === true
            ? `${JSON.stringify({ registry, clusters, topology, pid: process.pid })}\n`
            : sandboxText(sandbox, flags, terminal),
        );
        await stopped;
      } finally {
        await sandbox.close();
      }
      if (flags.json !== true) terminal.print('The sandbox is down.\n');
    });
}

function clusterCount(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > mostClusters) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${String(mostClusters)}.`);
  }
  return count;
}
