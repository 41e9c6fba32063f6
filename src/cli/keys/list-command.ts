import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { DctError } from '../../error';
import { dockerPassphrases, TrustStore } from '../../notary';
import { AnswerIsNo } from '../exit-code';
import type { Terminal } from '../terminal';
import { readSigningKeys } from '../trust/signing-keys';
import { chosenStore, type StoreFlags, withStoreOptions } from '../trust/store-options';
import { registriesOf } from '../trust/topology-registries';
import { ifLost } from './if-lost';
import { takeInventory } from './inventory';
import { hasRootKey, listJson, listText } from './list-text';
import { surveyTopology } from './survey';

/** `dct keys list`: what is in a trust store, what a topology needs, and what would be lost with it. */
export function listCommand(terminal: Terminal): Command {
  const command = new Command('list')
    .description('Show the keys of a trust store, those a topology lacks, and what would be lost with the store.')
    .option('--json', 'print JSON, and nothing else')
    .addHelpText(
      'after',
      `
With --topology the trust data of its repositories is read; the registry's password comes from
DCT_REGISTRY_PASSWORD. Exit code 1: a key that the topology needs is missing, or trust data
could not be read.

Examples:
  dct keys list
  dct keys list --topology topology.toml
  dct keys list --topology topology.toml --json | jq '.needs[] | select(.at == null)'`,
    )
    .action(async (flags: StoreFlags & { readonly json?: true }) => {
      const { directory, topology } = chosenStore(flags, terminal);
      // Nobody is asked for passphrases here: reading takes none.
      if (flags.trustStore !== undefined && !existsSync(directory)) throw notThere(directory);
      const store = new TrustStore({ directory, passphrase: dockerPassphrases(terminal.environment) });
      const keys = await store.list();
      const signingKeys = await readSigningKeys(topology?.repositories.flatMap(({ signing }) => signing) ?? []);
      const registries = topology && registriesOf(topology, store, terminal);
      try {
        const survey =
          topology && registries && (await surveyTopology({ topology, registries, keys, signingKeys, terminal }));
        const list = {
          directory,
          keys: await takeInventory(store, keys, survey?.publicKeys ?? []),
          rootKeyId: topology?.rootKeyId,
          survey,
          ifLost: ifLost(keys, survey),
        };
        terminal.print(flags.json === true ? listJson(list) : listText(list, terminal));
        const isMissing = survey?.needs.some(({ at }) => at === undefined) ?? false;
        const noRoot = (survey?.fresh.length ?? 0) > 0 && !hasRootKey(keys, topology?.rootKeyId);
        if (isMissing || noRoot || (survey?.unread.length ?? 0) > 0) throw new AnswerIsNo();
      } finally {
        await registries?.close();
      }
    });
  return withStoreOptions(command);
}

/** A store that is named and is not there is a wrong name; docker's own may not have been made yet. */
function notThere(directory: string): DctError {
  return new DctError('no_trust_store', `there is no folder ${directory}`, {
    cure: 'Correct --trust-store: it names the folder that has private/ in it, as ~/.docker/trust.',
  });
}
