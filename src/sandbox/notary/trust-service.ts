import type { Route } from '../route';
import { readEnvelope, readTargets } from './documents';

/** Where a DTR keeps trust data: the sandbox's own Notary server, or a real one behind the same address. */
export interface TrustService {
  readonly routes: readonly Route[];
  /** The bytes of a role's file in force. */
  current(gun: string, role: string): Promise<{ readonly bytes: Buffer } | undefined>;
  /** Signed tags and their hex sha256; what `targets/releases` says goes before what `targets` says. */
  signedTags(gun: string): ReadonlyMap<string, string> | Promise<ReadonlyMap<string, string>>;
  /** Called once the address is known. */
  start?(host: string): Promise<void>;
  close?(): Promise<void>;
}

/** Signed tags by the files of a repository, whoever keeps them. */
export async function signedTags(
  file: (role: string) => Promise<Buffer | undefined>,
): Promise<ReadonlyMap<string, string>> {
  const [targets, releases] = await Promise.all([file('targets'), file('targets/releases')]);
  return new Map([...tagsOf(targets), ...tagsOf(releases)]);
}

/** What one file lists. */
export function tagsOf(bytes: Buffer | undefined): [tag: string, sha256: string][] {
  const signed = bytes === undefined ? undefined : readEnvelope(bytes).signed;
  const targets = signed === undefined ? null : readTargets(signed).targets;
  return [...(targets ?? [])].flatMap(([tag, { hashes }]): [string, string][] => {
    const hash = hashes?.get('sha256');
    return hash ? [[tag, hash.toString('hex')]] : [];
  });
}
