import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { DctError } from '../../error';
import { type Gun, keysAtHand, normaliseRepository, splitGun } from '../../notary';
import { AnswerIsNo } from '../exit-code';
import type { Terminal } from '../terminal';
import { AskingKeys } from '../trust/asking-keys';
import { eachOf } from '../trust/limit';
import { Registries } from '../trust/registry';
import { readSigningKeys } from '../trust/signing-keys';
import { chosenStore, type StoreFlags, withStoreOptions } from '../trust/store-options';
import type { TopologyTrust } from '../trust/topology-file';
import { registriesOf } from '../trust/topology-registries';
import { revocationJson, revocationText } from './text';
import { find, type Outcome, rehearse, resolveId, revoke } from './revocation';

interface RevokeFlags extends StoreFlags {
  readonly repository: readonly string[];
  readonly ca?: string;
  readonly allowUnsigning?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** `dct revoke-key KEY_ID`: what a key that is no longer trusted stands for, and its removal everywhere. */
export function revokeKeyCommand(terminal: Terminal): Command {
  const command = new Command('revoke-key')
    .description('Show where a key stands and what depends on it; with --yes, take it away everywhere.')
    .argument('<key-id>', '64 hex digits: as docker shows it, or the ID of one certificate of it', keyId)
    .option(
      '-r, --repository <name>',
      'only this repository, may be repeated; without a topology the whole name with its registry',
      collect,
      [],
    )
    .option('--ca <file>', 'without a topology: PEM certificates that the registry’s is from')
    .option('--allow-unsigning', 'also where tags lose their last signature')
    .option('-y, --yes', 'do it; without this nothing is sent')
    .option('--json', 'print JSON, and nothing else');
  return withStoreOptions(command)
    .addHelpText(
      'after',
      `
Takes the key, bare or in whatever certificate, from signers and targets/releases: one publish for
each repository, with what has to be signed again signed by keys of the trust store and of the
topology. A root or targets key is not taken away: it has to be rotated. The login is in
DCT_REGISTRY_USERNAME and DCT_REGISTRY_PASSWORD. Can be run again until nothing is left.

Exit code 1: somewhere it could not be taken away, or not be looked for.

Examples:
  dct revoke-key 723fb77b…  --topology topology.toml
  dct revoke-key 723fb77b…  --topology topology.toml --yes
  dct revoke-key 723fb77b…  --repository dtr.example.com/admin/trustdemo --ca ca.pem`,
    )
    .action(async (id: string, flags: RevokeFlags) => {
      const { directory, topology } = chosenStore(flags, terminal);
      const guns = repositoriesOf(flags, topology, command);
      const asking = new AskingKeys(directory, terminal);
      const signing = await readSigningKeys(topology?.signers ?? []);
      const keys = keysAtHand(
        asking,
        signing.flatMap(({ key }) => key ?? []),
      );
      const registries =
        topology === undefined
          ? new Registries({ settings: settingsFrom(flags), keys, terminal })
          : registriesOf(topology, keys, terminal);
      try {
        const { ids, outcomes } = await run(guns, id, flags, registries, terminal);
        const report = { id, ids: [...ids], isDone: flags.yes === true, outcomes, topology };
        terminal.print(flags.json === true ? revocationJson(report) : revocationText(report, terminal));
        if (outcomes.some(isTrouble)) throw new AnswerIsNo();
      } finally {
        await registries.close();
      }
    });
}

async function run(
  guns: readonly Gun[],
  id: string,
  flags: RevokeFlags,
  registries: Registries,
  terminal: Terminal,
): Promise<{ ids: ReadonlySet<string>; outcomes: Outcome[] }> {
  const counter = (what: string): (() => void) => {
    let done = 0;
    return () => terminal.progress(`${what} ${++done}/${guns.length}`);
  };
  const [read, changed] = [counter('reading trust data'), counter(flags.yes === true ? 'revoking' : 'trying')];
  let isStopped = false;
  if (flags.yes === true) void terminal.untilStopped().then(() => (isStopped = true));
  const found = await eachOf(guns, 8, async (gun) => {
    const one = await find(gun, registries.repository(gun));
    read();
    return one;
  });
  const ids = resolveId(found, id);
  const allow = flags.allowUnsigning === true;
  const outcomes = await eachOf(found, 4, async (one): Promise<Outcome> => {
    if (isStopped) return { gun: one.gun, status: 'not_tried' };
    const outcome = await (flags.yes === true ? revoke : rehearse)(one, ids, allow);
    changed();
    return outcome;
  });
  terminal.progress('');
  return { ids, outcomes };
}

function isTrouble({ status, standing }: Outcome): boolean {
  if (standing !== undefined && (standing.base.length > 0 || standing.nested.length > 0)) return true;
  return ['blocked', 'stays', 'unread', 'not_tried'].includes(status);
}

function repositoriesOf(flags: RevokeFlags, topology: TopologyTrust | undefined, command: Command): Gun[] {
  const { repository: names } = flags;
  if (topology !== undefined && names.length === 0) return topology.repositories.map(({ gun }) => gun);
  if (names.length === 0) return command.error('error: give --topology, or --repository once or more', { exitCode: 2 });
  const guns = names.map((name) => {
    const { hostAddress } = topology?.registry ?? splitGun(name);
    if (topology === undefined && !/[.:]|^localhost$/.test(hostAddress)) {
      return command.error(`error: '${name}' does not say which registry: give host/${name}`, { exitCode: 2 });
    }
    return normaliseRepository(name, hostAddress);
  });
  return [...new Set(guns)];
}

function settingsFrom({ ca }: RevokeFlags): (hostAddress: string) => { hostAddress: string; caBundle?: string } {
  if (ca === undefined) return (hostAddress) => ({ hostAddress });
  try {
    const caBundle = readFileSync(ca, 'utf8');
    return (hostAddress) => ({ hostAddress, caBundle });
  } catch (cause) {
    throw new DctError('unreadable_file', `cannot read ${ca}`, { cause });
  }
}

function keyId(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new InvalidArgumentError(
    'A key ID is 64 hex digits in small letters; dct keys list and docker trust inspect show them.',
  );
}

function collect(name: string, before: readonly string[]): string[] {
  return [...before, name];
}
