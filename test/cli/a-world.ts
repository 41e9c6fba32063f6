import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RegistryClient } from '../../src/dtr';
import { HttpClient } from '../../src/http';
import {
  dockerPassphrases,
  type Intent,
  keysAtHand,
  PrivateKey,
  PublicKey,
  type TrustData,
  TrustRepository,
  type TrustRepositoryOptions,
  TrustStore,
} from '../../src/notary';
import type { NotaryUnderTest } from '../contract/wire';
import { type Made, makeCertificate } from '../notary/certificates';
import { passwords, startDtr } from '../sandbox/dtr/a-dtr';

/** Somebody who signs: a certificate over a key, and that key. */
export interface Person extends Made {
  readonly key: PublicKey;
  readonly secret: PrivateKey;
}

/** A registry with trust data, a trust store, and a topology file that names both. */
export interface World {
  readonly directory: string;
  readonly storeDirectory: string;
  readonly caFile: string;
  readonly hostAddress: string;
  /** What a person would have set. */
  readonly environment: Readonly<Record<string, string>>;
  /** What was sent of trust data since the last call: whatever is no GET, and does not only ask for a token. */
  publishes(): number;
  gun(name: string): string;
  /** Makes trust data for a repository, with keys of the store. */
  repository(name: string, intent?: Intent): Promise<void>;
  /** `people`: whose keys are at hand and no others; everybody's, and those of the store, unless told. */
  change(name: string, intent: Intent, people?: readonly Person[]): Promise<void>;
  read(name: string): Promise<TrustData>;
  /** Writes a topology: its text after the registry and the store. Returns its path. */
  topology(file: string, rest: string): Promise<string>;
  file(name: string, text: string): Promise<string>;
  /** For a repository of one's own making; everybody's keys are at hand. */
  readonly options: TrustRepositoryOptions;
  /** The Notary server itself, for trust data made by hand. */
  readonly wire: NotaryUnderTest;
  /** Puts a key into the trust store. */
  keep(key: PrivateKey, about: { readonly role: string; readonly gun?: string }): Promise<void>;
  close(): Promise<void>;
}

export async function person(name: string): Promise<Person> {
  const made = await makeCertificate({ name: `CN=${name}` });
  const key = PublicKey.fromPem(made.certificate, { label: name });
  return { ...made, key, secret: PrivateKey.fromPem(made.privateKey, { label: name }) };
}

/** @param people whose keys are at hand while trust data is made */
export async function startWorld(people: readonly Person[]): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'dct-cli-'));
  const { dtr, authority, ...registry } = await startDtr();
  const { hostAddress } = dtr;
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(directory, name), text);
    return join(directory, name);
  };
  const caBundle = authority.certificate;
  const caFile = await file('ca.pem', caBundle);
  const environment = {
    DCT_REGISTRY_USERNAME: 'admin',
    DCT_REGISTRY_PASSWORD: passwords.admin,
    DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: 'a root passphrase',
    DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: 'a repository passphrase',
    DCT_BACKUP_PASSPHRASE: 'a backup passphrase',
  };
  const storeDirectory = join(directory, 'trust');
  await mkdir(storeDirectory);
  const store = new TrustStore({ directory: storeDirectory, passphrase: dockerPassphrases(environment) });
  const http = new HttpClient({ url: `https://${hostAddress}`, caBundle });
  const credentials = { username: 'admin', password: passwords.admin };
  const authorizer = new RegistryClient({ hostAddress, caBundle, credentials });
  const gun = (name: string): string => `${hostAddress}/${name}`;
  const everybodys = keysAtHand(
    store,
    people.map(({ secret }) => secret),
  );
  const options: TrustRepositoryOptions = { http, authorizer, keys: everybodys };
  const nobodys = new TrustStore({ directory: join(directory, 'nobodys') });
  const open = (name: string, present?: readonly Person[]): TrustRepository => {
    const secrets = present?.map(({ secret }) => secret);
    return new TrustRepository(gun(name), { ...options, keys: secrets ? keysAtHand(nobodys, secrets) : everybodys });
  };
  const change: World['change'] = async (name, intent, present) => {
    await open(name, present).change(intent);
  };
  return {
    directory,
    storeDirectory,
    caFile,
    hostAddress,
    environment,
    options,
    gun,
    change,
    file,
    keep: (key, about) => store.add(key, about),
    wire: {
      url: dtr.endpoint.origin,
      caBundle,
      hostAddress,
      authorization: async (scope) => `Bearer ${await registry.token(scope, 'admin')}`,
      close: () => Promise.resolve(),
    },
    publishes: () => {
      const count = dtr.endpoint.requests
        .list()
        .filter(({ method, path, status }) => method !== 'GET' && path.includes('/_trust/') && status !== 401);
      dtr.endpoint.requests.clear();
      return count.length;
    },
    repository: async (name, intent) => {
      await open(name).initialise({
        rootKey: () => store.rootKey({ create: true }),
        add: (key, about) => store.add(key, about),
      });
      if (intent !== undefined) await change(name, intent);
    },
    read: async (name) => {
      const data = await open(name).read();
      if (data === undefined) throw new Error(`${name} has no trust data`);
      return data;
    },
    topology: (name, rest) =>
      file(
        name,
        `[registry]\nhost_address = "${hostAddress}"\nca_bundle = "ca.pem"\nusername = "admin"\n\n` +
          `[trust_store]\ndirectory = "trust"\n\n${rest}`,
      ),
    close: async () => {
      await Promise.all([http.close(), authorizer.close()]);
      await dtr.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function sha256Of(byte: number): string {
  return byte.toString(16).padStart(2, '0').repeat(32);
}
