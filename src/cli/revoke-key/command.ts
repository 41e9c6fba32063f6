import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { DctError, systemCode } from '../../error';
import { type Gun, keysAtHand, normaliseRepository, splitGun } from '../../notary';
import { AnswerIsNo } from '../exit-code';
import type { Terminal } from '../terminal';
import { AskingKeys } from '../trust/asking-keys';
import { Registries } from '../trust/registry';
import { readSigningKeys } from '../trust/signing-keys';
import { chosenStore, type StoreFlags, withStoreOptions } from '../trust/store-options';
import type { TopologyTrust } from '../trust/topology-file';
import { registriesOf } from '../trust/topology-registries';
import { revocationJson } from './json';
import { isTrouble, type RevocationReport } from './report';
import { run } from './run';
import { revocationText } from './text';

interface RevokeFlags extends StoreFlags {
  readonly repository?: readonly string[];
  readonly ca?: string;
  readonly allowUnsigning?: true;
  readonly vouch?: readonly string[];
  readonly rootKey?: string;
  readonly createRootKey?: true;
  readonly ownSnapshotKey?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** `dct revoke-key KEY_ID`: what a key that is no longer trusted stands for, and its removal everywhere. */
export function revokeKeyCommand(terminal: Terminal): Command {
  const command = new Command('revoke-key')
    .description('Show where a key stands and what depends on it; with --yes, take it away everywhere.')
    .argument('<key-id>', '64 hex digits: as docker trust inspect shows it, or the ID of one certificate of it', keyId);
  return withStoreOptions(command)
    .option(
      '-r, --repository <name>',
      'only this repository, may be repeated; without a topology the whole name with its registry',
      collect,
    )
    .option('--ca <file>', 'without a topology: PEM certificates that the registry’s is from')
    .option('-y, --yes', 'do it; without this nothing is sent')
    .option('--allow-unsigning', 'also where tags lose their last signature')
    .option(
      '--vouch <hash>',
      'have other keys sign what only this key had signed, as shown with this hash; may be repeated',
      collect,
    )
    .option('--root-key <id>', 'the root key of the trust store to go to from a root key', keyId)
    .option('--create-root-key', 'make a root key to go to where the trust store has none')
    .option('--own-snapshot-key', 'go from a snapshot key to another in the trust store, and not to the server’s')
    .option('--json', 'print JSON, and nothing else')
    .addHelpText('after', explanation)
    .action(async (id: string, flags: RevokeFlags) => {
      if (flags.topology !== undefined && flags.ca !== undefined) {
        command.error('error: --ca is for use without --topology, which names its own', { exitCode: 2 });
      }
      const { directory, topology } = chosenStore(flags, terminal);
      const guns = repositoriesOf(flags, topology, command);
      const signing = await readSigningKeys(topology?.signers ?? []);
      const asking = new AskingKeys(directory, terminal);
      const keys = keysAtHand(
        asking,
        signing.flatMap(({ key }) => key ?? []),
      );
      const registries =
        topology === undefined
          ? new Registries({ settings: settingsFrom(flags), keys, terminal })
          : registriesOf(topology, keys, terminal);
      const isDone = flags.yes === true;
      const consent = { allowUnsigning: flags.allowUnsigning === true, vouched: new Set(flags.vouch) };
      const known = topology?.signers.flatMap(({ publicKeys }) => publicKeys) ?? [];
      const newKeys = {
        store: asking.store,
        atHand: keys,
        rootKeyId: flags.rootKey ?? topology?.rootKeyId,
        createRootKey: flags.createRootKey === true,
        ownSnapshotKey: flags.ownSnapshotKey === true,
      };
      try {
        const { ids, outcomes } = await run({ id, guns, known, isDone, consent, newKeys }, registries, terminal);
        const report: RevocationReport = { id, ids: [...ids], isDone, outcomes, topology };
        terminal.print(flags.json === true ? revocationJson(report) : revocationText(report, terminal));
        if (outcomes.some(isTrouble)) throw new AnswerIsNo();
      } finally {
        await registries.close();
      }
    });
}

const explanation = `
Takes the key, bare or in whatever certificate, from signers, from targets/releases and from delegations
below signers, and puts a new one in its place where it is the root, targets, snapshot or timestamp key:
one publish for each repository, in which other keys (of the trust store and of the topology) sign again
what would lose its signatures. Nothing is changed in a repository where that cannot be done, or where
tags would be left unsigned; the others go on. It can be run again until nothing is left.

New keys take the root key of the repository. A targets key is made in the trust store, timestamp and
snapshot keys by the server, which takes the right to administer the repository. Back up what was made
(dct keys backup). Whoever has pinned a root key goes on believing it until the pin is changed. A key of a
UCP client bundle still opens that UCP: delete it there, too.

The login is in DCT_REGISTRY_USERNAME and DCT_REGISTRY_PASSWORD.

Exit code 0: it is gone, or can go, everywhere. 1: somewhere it cannot, or could not be looked for.

Examples:
  dct revoke-key 723fb77b… --topology topology.toml
  dct revoke-key 723fb77b… --topology topology.toml --yes
  dct revoke-key 723fb77b… --repository dtr.example.com/admin/trustdemo --ca ca.pem`;

function repositoriesOf(flags: RevokeFlags, topology: TopologyTrust | undefined, command: Command): Gun[] {
  const { repository: names = [] } = flags;
  const wrong = (text: string): never => command.error(`error: ${text}`, { exitCode: 2 });
  if (topology !== undefined && names.length === 0) return topology.repositories.map(({ gun }) => gun);
  if (names.length === 0) return wrong('give --topology, or --repository once or more');
  const guns = names.map((name) => {
    try {
      const { hostAddress } = topology?.registry ?? splitGun(name);
      if (topology === undefined && !/[.:]|^localhost$/.test(hostAddress)) {
        return wrong(`'${name}' does not say which registry: give host/${name}`);
      }
      return normaliseRepository(name, hostAddress);
    } catch (error) {
      if (!(error instanceof DctError)) throw error;
      return wrong([error.message, error.cure].filter((part) => part !== undefined).join('\n  '));
    }
  });
  return [...new Set(guns)];
}

function settingsFrom({ ca }: RevokeFlags): (hostAddress: string) => { hostAddress: string; caBundle?: string } {
  if (ca === undefined) return (hostAddress) => ({ hostAddress });
  try {
    const caBundle = readFileSync(ca, 'utf8');
    return (hostAddress) => ({ hostAddress, caBundle });
  } catch (cause) {
    throw new DctError('unreadable_file', `cannot read ${ca} (${systemCode(cause) ?? String(cause)})`, { cause });
  }
}

function keyId(text: string): string {
  const id = text.toLowerCase();
  if (/^[0-9a-f]{64}$/.test(id)) return id;
  throw new InvalidArgumentError(
    'A key ID is 64 hex digits: dct keys list and docker trust inspect show the whole of it, docker trust inspect --pretty only its beginning.',
  );
}

function collect(name: string, before: readonly string[] = []): string[] {
  return [...before, name];
}
