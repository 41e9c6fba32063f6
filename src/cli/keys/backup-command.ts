import { Command } from 'commander';
import { DctError } from '../../error';
import { dockerPassphrases, type PrivateKey, TrustStore } from '../../notary';
import { checkNewFile, writeNewFile } from '../new-file';
import { newPassphrase } from '../passphrases';
import type { Terminal } from '../terminal';
import { readSigningKeys, type SigningKey } from '../trust/signing-keys';
import { chosenStore, type StoreFlags, withStoreOptions } from '../trust/store-options';
import type { TopologyTrust } from '../trust/topology-file';
import { registriesOf } from '../trust/topology-registries';
import { type BackedUpKey, sealBackup } from './backup-file';
import { type BackupReport, backupText } from './backup-text';
import { type ChosenKey, chooseKeys } from './choose';
import { type Survey, surveyTopology } from './survey';
import { byRole, takeInventory } from './inventory';

/** Opens backups. */
export const backupPassphraseVariable = 'DCT_BACKUP_PASSPHRASE';

interface BackupFlags extends StoreFlags {
  readonly withSigningKeys?: true;
  readonly force?: true;
  readonly json?: true;
}

/** `dct keys backup FILE`: the keys of a topology, or of a whole store, in one encrypted file. */
export function backupCommand(terminal: Terminal): Command {
  const command = new Command('backup')
    .description('Write the keys of a topology, or all keys of a trust store, into one encrypted file.')
    .argument('<file>', 'the file to make')
    .option('--with-signing-keys', 'also the signers’ private keys that the topology names by path')
    .option('-f, --force', 'replace the file if it is there')
    .option('--json', 'print JSON, and nothing else')
    .addHelpText(
      'after',
      `
Its passphrase comes from ${backupPassphraseVariable}, or you are asked for it. The keys in it stay
encrypted with their own passphrases as well: keep those too.

Examples:
  dct keys backup keys.backup --topology topology.toml
  dct keys backup all-keys.backup --trust-store ~/.docker/trust`,
    )
    .action(async (file: string, flags: BackupFlags) => {
      if (flags.withSigningKeys === true && flags.topology === undefined) {
        command.error('error: --with-signing-keys is for use with --topology, which names them', { exitCode: 2 });
      }
      const { directory, topology } = chosenStore(flags, terminal);
      const replace = flags.force === true;
      await checkNewFile(file, { replace });
      const store = new TrustStore({ directory, passphrase: dockerPassphrases(terminal.environment) });
      const chosen = await choose(store, topology, terminal);
      const signingKeys = flags.withSigningKeys === true ? chosen.signingKeys : [];
      const files = await filesOf(store, chosen.keys);
      // One that the store has as well goes in as the store has it.
      const bare = signingKeys.flatMap(pemOf).filter(({ id }) => !files.some((file) => file.id === id));
      const keys = [...files, ...bare].sort(byRole);
      if (keys.length === 0) {
        throw new DctError('no_keys', `there is nothing to back up in ${directory}`, {
          cure: 'name another store (--trust-store), or make a root key: dct keys init',
        });
      }
      const passphrase = await newPassphrase(terminal, backupPassphraseVariable, 'the backup');
      const text = await sealBackup({ made: new Date().toISOString(), keys }, passphrase);
      await writeNewFile(file, text, { replace });
      const entries = await takeInventory(
        store,
        chosen.keys.map(({ info }) => info),
        [],
      );
      const report: BackupReport = { ...chosen, file, directory, keys, entries, withSigningKeys: signingKeys };
      terminal.print(backupText(report, flags.json === true));
    });
  return withStoreOptions(command);
}

interface Choice {
  readonly keys: readonly ChosenKey[];
  /** Keys of the store that stay out. */
  readonly leftOut: number;
  readonly signingKeys: readonly SigningKey[];
  readonly survey: Survey | undefined;
}

async function choose(store: TrustStore, topology: TopologyTrust | undefined, terminal: Terminal): Promise<Choice> {
  const all = await store.list();
  if (topology === undefined) {
    return { keys: all.map((info) => ({ info, for: [] })), leftOut: 0, signingKeys: [], survey: undefined };
  }
  const signingKeys = await readSigningKeys(topology.signers);
  const registries = registriesOf(topology, store, terminal);
  try {
    const survey = await surveyTopology({ topology, registries, keys: all, signingKeys, terminal });
    const keys = chooseKeys(all, topology, survey);
    return { keys, leftOut: all.length - keys.length, signingKeys, survey };
  } finally {
    await registries.close();
  }
}

async function filesOf(store: TrustStore, chosen: readonly ChosenKey[]): Promise<BackedUpKey[]> {
  return Promise.all(
    chosen.map(async ({ info: { id, role, gun } }) => {
      const pem = await store.keyFile(id);
      if (pem === undefined) throw new DctError('key_not_found', `the key ${id} went away while it was read`);
      return { id, role, ...(gun === undefined ? {} : { gun }), pem };
    }),
  );
}

function pemOf({ signer, key }: SigningKey): BackedUpKey[] {
  return key === undefined ? [] : [{ id: key.canonicalId, role: signer.name, pem: privatePem(key) }];
}

function privatePem(key: PrivateKey): string {
  const lines =
    key
      .exportPkcs8()
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}
