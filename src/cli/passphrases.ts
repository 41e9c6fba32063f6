import { DctError } from '../error';
import { fewestCharacters } from '../notary';
import type { Terminal } from './terminal';

/** A passphrase that exists already: from the environment, or asked for. Throws `passphrase_missing`. */
export async function knownPassphrase(terminal: Terminal, variable: string, what: string): Promise<string> {
  const given = fromEnvironment(terminal, variable) ?? (await terminal.askSecret(`Enter passphrase for ${what}: `));
  if (given === undefined || given === '') throw missing(variable, what);
  return given;
}

/** A passphrase to be chosen: from the environment, or asked for twice. Throws also `passphrase_too_short`, `passphrases_differ`. */
export async function newPassphrase(terminal: Terminal, variable: string, what: string): Promise<string> {
  const set = fromEnvironment(terminal, variable);
  if (set !== undefined) return longEnough(set, what);
  const given = await terminal.askSecret(`Enter passphrase for ${what}: `);
  if (given === undefined || given === '') throw missing(variable, what);
  longEnough(given, what);
  if ((await terminal.askSecret(`Repeat passphrase for ${what}: `)) === given) return given;
  throw new DctError('passphrases_differ', `the two passphrases for ${what} are not the same`);
}

function fromEnvironment({ environment }: Terminal, variable: string): string | undefined {
  return environment[variable] || undefined;
}

function longEnough(passphrase: string, what: string): string {
  if (passphrase.length >= fewestCharacters) return passphrase;
  throw new DctError('passphrase_too_short', `the passphrase for ${what} is too short`, {
    cure: `docker takes none of less than ${fewestCharacters} characters; let a password manager make and keep a long one`,
  });
}

function missing(variable: string, what: string): DctError {
  return new DctError('passphrase_missing', `there is no passphrase for ${what}`, {
    cure: `set ${variable}, or run this on a terminal and be asked`,
  });
}
