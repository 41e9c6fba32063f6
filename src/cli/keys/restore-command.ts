import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { DctError, systemCode } from '../../error';
import {
  decodeKeyFile,
  dockerPassphrases,
  type Passphrases,
  passphraseVariable,
  PrivateKey,
  TrustStore,
} from '../../notary';
import { AnswerIsNo } from '../exit-code';
import { knownPassphrase, newPassphrase } from '../passphrases';
import { counted, table } from '../table';
import type { Terminal } from '../terminal';
import { chosenStore, type StoreFlags, withStoreOptions } from '../trust/store-options';
import { backupPassphraseVariable } from './backup-command';
import { type BackedUpKey, openBackup } from './backup-file';
import { takeInventory } from './inventory';

/** What became of one key. Nothing that is there is ever changed. */
interface Outcome {
  readonly id: string;
  readonly role: string;
  readonly gun: string | undefined;
  readonly outcome: 'restored' | 'already_there' | 'other_file_there' | 'failed';
  readonly reason?: string;
}

interface Report {
  readonly directory: string;
  readonly made: string;
  readonly outcomes: readonly Outcome[];
  readonly opens: ReadonlyMap<string, boolean | undefined>;
  /** Every root key that the store has now. */
  readonly roots: readonly string[];
}

/** `dct keys restore FILE`: puts back what a backup holds and the trust store lacks. */
export function restoreCommand(terminal: Terminal): Command {
  const command = new Command('restore')
    .description('Put the keys of a backup into a trust store. What is there stays as it is.')
    .argument('<file>', 'what dct keys backup made')
    .option('--json', 'print JSON, and nothing else')
    .addHelpText(
      'after',
      `
Its passphrase comes from ${backupPassphraseVariable}, or you are asked for it. Can be run again. Exit
code 1: a key could not be written.

Examples:
  dct keys restore keys.backup
  dct keys restore keys.backup --topology topology.toml`,
    )
    .action(async (file: string, flags: StoreFlags & { readonly json?: true }) => {
      const { directory } = chosenStore(flags, terminal);
      const text = await readBackup(file);
      const passphrase = await knownPassphrase(terminal, backupPassphraseVariable, `the backup ${file}`);
      const { keys, made } = await openBackup(text, passphrase, resolve(file));
      const bare = checkAll(keys, file);
      const store = new TrustStore({ directory, passphrase: await passphrasesFor(bare, terminal) });
      const outcomes: Outcome[] = [];
      for (const key of keys) outcomes.push(await restore(store, key, bare.get(key.id)));
      const opens = await whatOpens(directory, keys, terminal);
      const roots = (await store.list()).filter(({ role }) => role === 'root').map(({ id }) => id);
      const report: Report = { directory, made, outcomes, opens, roots };
      terminal.print(flags.json === true ? asJson(report) : forPeople(report));
      if (outcomes.some(({ outcome }) => outcome === 'failed')) throw new AnswerIsNo();
    });
  return withStoreOptions(command);
}

async function readBackup(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new DctError('unreadable_file', `cannot read ${resolve(file)} (${systemCode(cause) ?? String(cause)})`, {
      cause,
    });
  }
}

/** Before anything is written: every key can be read. Returns those that only the backup encrypts, by ID. */
function checkAll(keys: readonly BackedUpKey[], file: string): Map<string, PrivateKey> {
  const bare = new Map<string, PrivateKey>();
  for (const { id, pem } of keys) {
    const label = `the key ${id} in ${file}`;
    if (decodeKeyFile(pem, label).isEncrypted) continue;
    const key = PrivateKey.fromPem(pem, { label });
    if (key.canonicalId !== id) throw new DctError('wrong_key_file', `${label} is another key, ${key.canonicalId}`);
    bare.set(id, key);
  }
  return bare;
}

/** The store keeps no key unencrypted: those that were get docker's passphrase of other keys than the root's. */
async function passphrasesFor(bare: ReadonlyMap<string, unknown>, terminal: Terminal): Promise<Passphrases> {
  if (bare.size === 0) return () => undefined;
  const passphrase = await newPassphrase(terminal, passphraseVariable('targets'), 'signing keys in the trust store');
  return () => passphrase;
}

async function restore(store: TrustStore, key: BackedUpKey, bare: PrivateKey | undefined): Promise<Outcome> {
  const { id, role, gun } = key;
  const about = { id, role, gun };
  try {
    const there = await store.keyFile(id);
    if (there !== undefined) {
      return { ...about, outcome: there === key.pem || bare !== undefined ? 'already_there' : 'other_file_there' };
    }
    if (bare !== undefined) await store.add(bare, { role, ...(gun === undefined ? {} : { gun }) });
    else if (!(await store.putBack(id, key.pem))) return { ...about, outcome: 'already_there' };
    return { ...about, outcome: 'restored' };
  } catch (error) {
    if (!(error instanceof DctError)) throw error;
    return { ...about, outcome: 'failed', reason: error.message };
  }
}

/** Whether each key opens with docker's passphrases as they are set here; undefined: there is none for it. */
async function whatOpens(
  directory: string,
  keys: readonly BackedUpKey[],
  { environment }: Terminal,
): Promise<Map<string, boolean | undefined>> {
  const store = new TrustStore({ directory, passphrase: dockerPassphrases(environment) });
  const there = (await store.list()).filter(({ id }) => keys.some((key) => key.id === id));
  const entries = await takeInventory(store, there, []);
  return new Map(entries.map(({ id, opens }) => [id, opens]));
}

const words: Readonly<Record<Outcome['outcome'], string>> = {
  restored: 'restored',
  already_there: 'there already',
  other_file_there: 'there already, in another file than the backup’s (another passphrase?): left as it is',
  failed: 'FAILED',
};

function asJson({ directory, made, outcomes, opens, roots }: Report): string {
  const keys = outcomes.map((one) => ({ ...one, gun: one.gun ?? null, opens: opens.get(one.id) ?? null }));
  return `${JSON.stringify({ directory, made, keys, rootKeys: roots }, null, 2)}\n`;
}

function forPeople({ directory, made, outcomes, opens, roots }: Report): string {
  const rows = outcomes.map(({ id, role, gun, outcome, reason }) => [
    role === '' ? '?' : role,
    id,
    gun ?? 'any',
    `${words[outcome]}${reason === undefined ? '' : `: ${reason}`}`,
  ]);
  const restored = outcomes.filter(({ outcome }) => outcome === 'restored').length;
  const closed = outcomes.filter(({ id }) => opens.get(id) === false).map(({ role, id }) => `${role} key ${id}`);
  const notes = [
    ...(closed.length === 0
      ? []
      : [`Not opened by the passphrase that is set: ${closed.join(', ')}. Its own is that of the machine it is from.`]),
    ...(outcomes.some(({ id, outcome }) => outcome !== 'failed' && opens.get(id) === undefined)
      ? ['Not every key was opened to see whether its passphrase is known: docker’s variables are not set.']
      : []),
    ...(roots.length < 2
      ? []
      : [
          `${directory} has ${roots.length} root keys: name the one that new repositories are made with, root_key_id in trust_store.`,
        ]),
  ];
  return [
    `Backup of ${made}\n${table(rows)}\nRestored ${counted(restored, 'key')} of ${outcomes.length} into ${directory}.\n`,
    notes.length === 0 ? '' : `\n${notes.map((note) => `${note}\n`).join('')}`,
  ].join('');
}
