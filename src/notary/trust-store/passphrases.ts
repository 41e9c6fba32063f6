import { homedir } from 'node:os';
import { join } from 'node:path';
import type { KeyInfo } from './key-info';

export type Passphrases = (key: Pick<KeyInfo, 'id' | 'role' | 'gun'>) => string | undefined;

type Environment = Readonly<Record<string, string | undefined>>;

/** docker's own variables: one passphrase for root keys, one for all others. */
export function dockerPassphrases(env: Environment): Passphrases {
  return ({ role }) => env[passphraseVariable(role)] || undefined;
}

export function passphraseVariable(role: string): string {
  return role === 'root' ? 'DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE' : 'DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE';
}

/** What to set so that a key of this role can be made or opened: for errors. */
export function passphraseHint(role: string, verb: 'set' | 'correct' = 'set'): string {
  return `${verb} ${passphraseVariable(role)}`;
}

/** How long a passphrase for a new key has to be, characters: as docker and notary want it. */
export const fewestCharacters = 8;

/** Where docker keeps its trust store: `$DOCKER_CONFIG/trust`, else `~/.docker/trust`. */
export function dockerTrustDirectory(env: Environment): string {
  return join(env['DOCKER_CONFIG'] || join(homedir(), '.docker'), 'trust');
}
