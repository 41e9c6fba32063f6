import { resolve } from 'node:path';
import { counted, table } from '../table';
import type { SigningKey } from '../trust/signing-keys';
import type { BackedUpKey } from './backup-file';
import type { KeyEntry } from './inventory';
import { unreadJson } from './list-text';
import type { Survey } from './survey';

/** What `dct keys backup` did. */
export interface BackupReport {
  readonly file: string;
  readonly directory: string;
  /** Everything that is in the file. */
  readonly keys: readonly BackedUpKey[];
  readonly entries: readonly KeyEntry[];
  readonly leftOut: number;
  /** Of the topology; `withSigningKeys` are those that were asked for. */
  readonly signingKeys: readonly SigningKey[];
  readonly withSigningKeys: readonly SigningKey[];
  readonly survey: Survey | undefined;
}

export function backupText(report: BackupReport, json: boolean): string {
  return json ? asJson(report) : forPeople(report);
}

function asJson({ file, keys, entries, leftOut, survey }: BackupReport): string {
  const opens = new Map(entries.map((entry) => [entry.id, entry.opens]));
  const report = {
    file: resolve(file),
    keys: keys.map(({ id, role, gun }) => ({ id, role, gun: gun ?? null, opens: opens.get(id) ?? null })),
    leftOut,
    missing: missing(survey).map(({ gun, role, ids }) => ({ repository: gun, role, ids })),
    unread: (survey?.unread ?? []).map(unreadJson),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function forPeople(report: BackupReport): string {
  const { file, directory, keys, entries, leftOut, survey, signingKeys, withSigningKeys } = report;
  const notes = [
    ...(leftOut === 0 ? [] : [`${counted(leftOut, 'other key')} of ${directory} left out: not of this topology.`]),
    ...entries
      .filter(({ opens }) => opens === false)
      .map(
        ({ role, id }) =>
          `The ${role} key ${id} does not open with the passphrase that is set. It is in the backup as it is.`,
      ),
    ...(entries.some(({ opens }) => opens === undefined)
      ? ['Not every key was opened to see whether its passphrase is known: docker’s variables are not set.']
      : []),
    ...signingKeys
      .filter((one) => !withSigningKeys.includes(one) && !keys.some(({ id }) => id === one.key?.canonicalId))
      .map(({ signer, file: at }) => `Not in it: ${signer.reference}’s key, ${at} (--with-signing-keys).`),
    ...withSigningKeys.flatMap(({ signer, problem }) =>
      problem === undefined ? [] : [`Not in it: ${signer.reference}’s key: ${problem}.`],
    ),
    ...missing(survey).map(
      ({ gun, role, ids }) => `Not in it, for it is not here: the ${role} key of ${gun}, ${ids.join(', ')}.`,
    ),
    ...(survey?.unread ?? []).map(
      ({ gun, error }) => `${gun} could not be read, so its keys were chosen by what key files say: ${error.message}`,
    ),
  ];
  return [
    `Wrote ${counted(keys.length, 'key')} to ${resolve(file)}\n`,
    table(keys.map(({ role, id, gun }) => [role === '' ? '?' : role, id, gun ?? 'any'])),
    notes.length === 0 ? '' : `\n${notes.map((note) => `${note}\n`).join('')}`,
    '\nKeep it where this machine is not, and its passphrase somewhere else again. Try it: dct keys restore <file> --trust-store <empty directory>\n',
  ].join('');
}

function missing(survey: Survey | undefined): Survey['needs'] {
  return (survey?.needs ?? []).filter(({ at }) => at === undefined);
}
