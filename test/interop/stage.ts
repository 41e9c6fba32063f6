import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PrivateKey, PublicKey, TrustRepository, TrustStore } from '../../src/notary';
import type { Operator } from './docker';
import { ourClient, rootOf } from './ours';
import type { PushedImage } from './images';
import { closeAll } from './processes';
import { startTrustStack, type TrustStack } from './stack';
import type { ServerVariant } from './variants';

/** A person and a repository of their own on a server that many cases share. */
export interface Scene {
  /** `admin/repository<n>` */
  readonly name: string;
  readonly gun: string;
  readonly operator: Operator;
  /** Ours, on the person's trust store. */
  readonly store: TrustStore;
  readonly repository: TrustRepository;
  push(tag: string, content?: string): Promise<PushedImage>;
  /** Our client for the same repository with these keys at hand besides the store's. */
  as(...keys: readonly PrivateKey[]): TrustRepository;
  /** Makes the repository: ours. */
  initialise(): ReturnType<TrustRepository['initialise']>;
  /** A file with the PEM of a key. */
  file(name: string, key: PublicKey | string): Promise<string>;
  /** `docker trust key generate` in the person's store: the file with the public key. */
  generate(signer: string): Promise<string>;
  /** `docker trust signer add` with these files. */
  addSigner(signer: string, ...files: readonly string[]): Promise<void>;
  /** What `docker trust inspect` shows to somebody who has never seen the repository: signers by tag. */
  inspectAnew(): Promise<Seen>;
}

/** Signed tags with digest and signers, and signers with key IDs, as docker shows them. */
export interface Seen {
  /** Digest, then names. */
  readonly tags: Readonly<Record<string, readonly string[]>>;
  readonly signers: Readonly<Record<string, readonly string[]>>;
}

export interface Stage {
  readonly stack: TrustStack;
  begin(...keys: readonly PrivateKey[]): Promise<Scene>;
  readonly close: () => Promise<void>;
}

export async function openStage({ options }: ServerVariant): Promise<Stage> {
  const stack = await startTrustStack(options);
  const closers: (() => Promise<void>)[] = [() => stack.close()];
  let made = 0;
  const begin = async (...keys: readonly PrivateKey[]): Promise<Scene> => {
    const number = made++;
    const name = `admin/repository${number}`;
    const operator = await stack.operator(`person${number}`);
    const clientWith = (own: readonly PrivateKey[]): ReturnType<typeof ourClient> => {
      const client = ourClient(stack, operator, name, { keys: own });
      closers.push(client.close);
      return client;
    };
    const { gun, store, repository } = clientWith(keys);
    let newcomers = 0;
    return {
      name,
      gun,
      operator,
      store,
      repository,
      push: (tag, content) => stack.push(name, tag, content),
      as: (...own) => clientWith(own).repository,
      initialise: () => repository.initialise(rootOf(store)),
      file: async (label, key) => {
        const path = join(operator.configDirectory, `${label}.pem`);
        await writeFile(path, typeof key === 'string' ? key : pemOf(key), { mode: 0o600 });
        return path;
      },
      generate: async (signer) => {
        await operator.docker(['trust', 'key', 'generate', signer, '--dir', operator.configDirectory]);
        return join(operator.configDirectory, `${signer}.pub`);
      },
      addSigner: async (signer, ...files) => {
        const flags = files.flatMap((file) => ['--key', file]);
        await operator.docker(['trust', 'signer', 'add', ...flags, signer, gun]);
      },
      inspectAnew: async () => {
        const newcomer = await stack.operator(`newcomer${number}-${newcomers++}`);
        return seenBy(newcomer, gun);
      },
    };
  };
  const close = async (): Promise<void> => {
    await closeAll(closers);
  };
  return { stack, begin, close };
}

export async function seenBy(operator: Operator, gun: string): Promise<Seen> {
  const { SignedTags, Signers } = await operator.inspect(gun);
  return {
    tags: Object.fromEntries(
      SignedTags.map(({ SignedTag, Digest, Signers: names }) => [SignedTag, [Digest, ...[...names].sort()]]),
    ),
    signers: Object.fromEntries(Signers.map(({ Name, Keys }) => [Name, Keys.map(({ ID }) => ID).sort()])),
  };
}

export function pemOf(key: PublicKey): string {
  const pem = key.toPem();
  if (pem === undefined) throw new Error('a key without PEM');
  return pem;
}
