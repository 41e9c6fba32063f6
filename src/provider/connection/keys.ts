import { resolve } from 'node:path';
import {
  dockerPassphrases,
  dockerTrustDirectory,
  keysAtHand,
  type KeysAtHand,
  type NextRootOfTrust,
  nextRootKeys,
  PrivateKey,
  TrustStore,
} from '../../notary';
import { UNKNOWN, type Unknown } from '../../plugin';
import { atAttribute } from '../errors/at-attribute';
import type { Configuration } from '../configuration/configuration';
import { known, unlessUnknown } from '../configuration/unknown-configuration';

/** Docker's trust store, where new keys go, and the keys of the provider's configuration. */
export interface Keys extends NextRootOfTrust {
  readonly atHand: KeysAtHand;
  /** A passphrase is not known yet: a key that cannot be opened now may be at apply. */
  readonly isPartlyUnknown: boolean;
}

/** The same, and what can be told of new keys before any is made. */
export interface ConfiguredKeys extends Keys {
  /** Of the trust store; absolute. */
  readonly directory: string;
  /** Whether a missing root key is made. */
  makesRootKey(): boolean;
  /** Throws what `rootKey` would, without making one, and `unknown_configuration` where its passphrase is not known. */
  checkRootKey(): Promise<void>;
  /** Throws what `add` would of a passphrase for a new key of this role. */
  checkNewKey(role: 'root' | 'targets'): void;
}

/** Throws `unknown_configuration`, and for a bad signing key an error that names it. */
export function keysFrom(config: Configuration, env: NodeJS.ProcessEnv): ConfiguredKeys {
  const settings = known(config.trust_store, 'trust_store');
  const read = <T>(value: T, name: string) => known(value, `trust_store.${name}`);
  const root = settings && read(settings.root_passphrase, 'root_passphrase');
  const repository = settings && read(settings.repository_passphrase, 'repository_passphrase');
  const byId = settings && read(settings.passphrases, 'passphrases');
  const docker = dockerPassphrases(env);
  const store = new TrustStore({
    // Absolute, so that errors name files as the person at the terminal finds them.
    directory: resolve((settings && read(settings.directory, 'directory')) ?? dockerTrustDirectory(env)),
    passphrase: (key) => {
      const own = byId?.[key.id];
      return (own === UNKNOWN ? undefined : own) ?? (key.role === 'root' ? root : repository) ?? docker(key);
    },
  });
  const rootKeyOptions = (): { create: boolean; rootKeyId?: string } => {
    const rootKeyId = settings && read(settings.root_key_id, 'root_key_id');
    const create = (settings && read(settings.create_root_key, 'create_root_key')) ?? false;
    return { create, ...(rootKeyId !== null && { rootKeyId }) };
  };
  return {
    directory: store.directory,
    isPartlyUnknown: Object.values(byId ?? {}).includes(UNKNOWN),
    makesRootKey: () => {
      const { create, rootKeyId } = rootKeyOptions();
      return create && rootKeyId === undefined;
    },
    checkRootKey: async () => {
      for (const [id, passphrase] of Object.entries(byId ?? {})) read(passphrase, `passphrases[${JSON.stringify(id)}]`);
      await store.checkRootKey(rootKeyOptions());
    },
    checkNewKey: (role) => {
      store.checkNewKey({ role });
    },
    add: (key, about) => store.add(key, about),
    atHand: keysAtHand(store, signingKeys(config)),
    rootKey: () => store.rootKey(rootKeyOptions()),
    ...nextRootKeys(store, rootKeyOptions),
  };
}

type SigningKeys = Exclude<Configuration['signing_keys'], Unknown | null>;

function signingKeys(config: Configuration): PrivateKey[] {
  return Object.entries(known(config.signing_keys, 'signing_keys') ?? {}).map(([name, key]) => signingKey(name, key));
}

/** Throws for a bad signing key among those that are known. */
export async function checkSigningKeys({ signing_keys: keys }: Configuration): Promise<void> {
  for (const [name, key] of Object.entries(keys === UNKNOWN ? {} : (keys ?? {}))) {
    await unlessUnknown(
      () => signingKey(name, key),
      () => undefined,
    );
  }
}

function signingKey(name: string, settings: SigningKeys[string]): PrivateKey {
  const label = `signing_keys[${JSON.stringify(name)}]`;
  const { private_key, passphrase } = known(settings, label);
  try {
    return PrivateKey.fromPem(known(private_key, `${label}.private_key`), {
      label: `${label}.private_key`,
      passphrase: known(passphrase, `${label}.passphrase`) ?? undefined,
    });
  } catch (error) {
    // The rest says itself what to do: a passphrase is what is wrong.
    throw atAttribute(error, ['signing_keys', name, 'private_key'], `give the right one as ${label}.passphrase`);
  }
}
