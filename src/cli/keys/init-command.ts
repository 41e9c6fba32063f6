import { Command } from 'commander';
import { DctError } from '../../error';
import { passphraseVariable, PrivateKey, TrustStore } from '../../notary';
import { newPassphrase } from '../passphrases';
import type { Terminal } from '../terminal';
import { chosenStore, type StoreFlags, withStoreOptions } from '../trust/store-options';

/** `dct keys init`: the root key that an organisation's repositories begin with. */
export function initCommand(terminal: Terminal): Command {
  const command = new Command('init')
    .description('Make the root key that new repositories are made with.')
    .option('--another', 'make one more, although the store has a root key')
    .option('--json', 'print one line of JSON, and nothing else')
    .addHelpText(
      'after',
      `
The passphrase comes from DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE, or you are asked for it.

Examples:
  dct keys init
  dct keys init --topology topology.toml && dct keys backup keys.backup --topology topology.toml`,
    )
    .action(async (flags: StoreFlags & { readonly another?: true; readonly json?: true }) => {
      const { directory } = chosenStore(flags, terminal);
      const roots = (await new TrustStore({ directory }).list()).filter(({ role }) => role === 'root');
      if (roots.length > 0 && flags.another !== true) {
        throw alreadyThere(
          directory,
          roots.map(({ id }) => id),
        );
      }
      const passphrase = await newPassphrase(terminal, passphraseVariable('root'), 'new root key');
      const store = new TrustStore({ directory, passphrase: () => passphrase });
      const { canonicalId } = await (roots.length > 0 ? addRoot(store) : store.rootKey({ create: true }));
      const file = (await store.list()).find(({ id }) => id === canonicalId)?.file;
      if (flags.json === true)
        terminal.print(`${JSON.stringify({ id: canonicalId, file, rootKeys: roots.length + 1 })}\n`);
      else terminal.print(made(canonicalId, file ?? directory, roots.length + 1));
    });
  return withStoreOptions(command);
}

async function addRoot(store: TrustStore): Promise<PrivateKey> {
  const key = PrivateKey.generate();
  await store.add(key, { role: 'root' });
  return key;
}

function made(id: string, file: string, rootKeys: number): string {
  const several =
    rootKeys === 1
      ? ''
      : `\nThe store has ${rootKeys} root keys now: name the one to use, root_key_id in trust_store.\n`;
  return `Made the root key ${id}
  ${file}
${several}
Back it up now: without it and its passphrase no repository made with it can ever get new keys.
  dct keys backup <file>
`;
}

function alreadyThere(directory: string, ids: readonly string[]): DctError {
  const which = ids.length === 1 ? `a root key: ${ids.join()}` : `root keys: ${ids.join(', ')}`;
  return new DctError('root_key_exists', `${directory} already has ${which}`, {
    cure: 'Use that one. With --another one more is made; from then on every new repository has to be told which to use.',
  });
}
