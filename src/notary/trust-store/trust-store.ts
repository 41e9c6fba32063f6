import { DctError } from '../../error';
import type { Gun } from '../documents';
import { PrivateKey, type KeyFile, decodeKeyFile, encodeKeyFile } from '../keys';
import { KeyFolder } from './key-folder';
import type { KeyInfo } from './key-info';
import type { KeysAtHand } from './keys-at-hand';
import { fewestCharacters, type Passphrases, passphraseHint } from './passphrases';

export interface RootKeyOptions {
  /** Which of several. */
  readonly rootKeyId?: string;
  /** Makes one where there is none. @default false */
  readonly create?: boolean;
}

/**
 * docker's key store (`~/.docker/trust`), which docker and other processes may use at the same time. Keys are found by
 * canonical ID. Nothing is ever deleted or overwritten.
 */
export class TrustStore implements KeysAtHand {
  readonly directory: string;
  private readonly folder: KeyFolder;
  private readonly passphrases: Passphrases;
  private readonly opened = new Map<string, PrivateKey>();

  constructor(options: { readonly directory: string; readonly passphrase?: Passphrases }) {
    this.directory = options.directory;
    this.folder = new KeyFolder(options.directory);
    this.passphrases = options.passphrase ?? (() => undefined);
  }

  /** Every key file, by ID. Needs no passphrase. Files that are no key files are left out, as docker does. */
  async list(): Promise<KeyInfo[]> {
    const infos: KeyInfo[] = [];
    for (const [id, file] of await this.folder.files()) {
      try {
        infos.push(this.describe(id, file, decodeKeyFile(await this.folder.read(file), file)));
      } catch (error) {
        // Another process may have removed it; an unreadable one is reported when it is asked for by ID.
        if (!(error instanceof DctError)) throw error;
      }
    }
    return infos;
  }

  private describe(id: string, file: string, { role, gun, path, isEncrypted }: KeyFile): KeyInfo {
    const place = this.folder.placeOf(file);
    return { id, role: role === '' ? place.role : role, gun: gun ?? place.gun, path, file, isEncrypted };
  }

  /**
   * Opens a key. Throws `key_not_found`, `passphrase_missing` or `wrong_passphrase` (each naming the file and what to set),
   * `wrong_key_file` if the file holds another key than its name says, `malformed_pem`.
   */
  async load(id: string): Promise<PrivateKey> {
    const known = this.opened.get(id);
    if (known) return known;
    const file = (await this.folder.files()).get(id);
    if (file === undefined) {
      throw new DctError('key_not_found', `there is no key ${id} in ${this.folder.path}`, {
        cure: 'copy its file there from the machine that made it or from a backup; it cannot be made again',
      });
    }
    const keyFile = decodeKeyFile(await this.folder.read(file), file);
    const info = this.describe(id, file, keyFile);
    const key = decrypt(keyFile, info, this.passphrases(info));
    if (key.canonicalId !== id) {
      throw new DctError('wrong_key_file', `${file} holds the key ${key.canonicalId}, not the one it is named after`, {
        cure: `name it ${key.canonicalId}.key, and put the file of the key ${id} back from a backup`,
      });
    }
    this.opened.set(id, key);
    return key;
  }

  async find(canonicalId: string): Promise<PrivateKey | undefined> {
    try {
      return await this.load(canonicalId);
    } catch (error) {
      if (error instanceof DctError) return undefined;
      throw error;
    }
  }

  async whyNot(canonicalId: string): Promise<DctError | undefined> {
    try {
      await this.load(canonicalId);
      return undefined;
    } catch (error) {
      if (error instanceof DctError) return error;
      throw error;
    }
  }

  /**
   * Keeps a key, encrypted. On disk and synced before it returns, so that it may be named in what is published next. A key
   * that is there already stays as it is. Throws `passphrase_missing`, `trust_store_failed`, and `wrong_passphrase` if the
   * key's file is there but does not open; `passphrase_too_short` for a new key.
   */
  async add(key: PrivateKey, { role, gun }: { readonly role: string; readonly gun?: Gun }): Promise<void> {
    const id = key.canonicalId;
    const passphrase = this.passphraseFor({ id, role, gun });
    if (isTooShort(passphrase) && !(await this.folder.files()).has(id)) throw tooShort(role);
    const text = encodeKeyFile(key, { role, passphrase, ...(gun === undefined ? {} : { gun }) });
    if (await this.folder.create(id, text)) this.opened.set(id, key);
    // Somebody was first: what counts is that the key can be had again from what is on disk.
    else await this.load(id);
  }

  /** Throws what `add` would of the passphrase for a new key, whose ID nobody knows yet. */
  checkNewKey({ role, gun }: { readonly role: string; readonly gun?: Gun }): void {
    if (isTooShort(this.passphraseFor({ id: '', role, gun }))) throw tooShort(role);
  }

  private passphraseFor(key: Pick<KeyInfo, 'id' | 'role' | 'gun'>): string {
    const passphrase = this.passphrases(key);
    if (passphrase !== undefined && passphrase !== '') return passphrase;
    throw new DctError('passphrase_missing', `there is no passphrase to encrypt a new ${key.role} key with`, {
      cure: passphraseHint(key.role),
    });
  }

  /** The text of a key's file as it lies there, for a backup; undefined when there is none. Needs no passphrase. */
  async keyFile(id: string): Promise<string | undefined> {
    const file = (await this.folder.files()).get(id);
    return file === undefined ? undefined : this.folder.read(file);
  }

  /**
   * Puts the file of a key back as a backup has it. On disk and synced when it returns; false, and nothing done, if the store
   * has a file of this key. Throws `unsupported_key` and `malformed_pem` for what is no key file, `unencrypted_key`.
   */
  async putBack(id: string, text: string): Promise<boolean> {
    if (!decodeKeyFile(text, `the backup of the key ${id}`).isEncrypted) {
      throw new DctError('unencrypted_key', `the backup of the key ${id} is not encrypted: only \`add\` writes that`);
    }
    if ((await this.folder.files()).has(id)) return false;
    return this.folder.create(id, text);
  }

  /**
   * The root key: the named one, or the only one there is, or with `create` a new one. Two processes that create at the same
   * time end up with one. Throws `no_root_key`, `several_root_keys`, `unknown_key_role`, and what `load` and `add` throw.
   */
  async rootKey(options: RootKeyOptions = {}): Promise<PrivateKey> {
    const found = await this.findRootKey(options);
    if (found) return found;
    await this.folder.make();
    // The one place for a lock: two root keys would each be fine alone, together they stop every later run.
    const { lock } = await import('proper-lockfile');
    const release = await lock(this.folder.path, {
      realpath: false,
      lockfilePath: `${this.folder.path}/.root-key.lock`,
      retries: { retries: 100, minTimeout: 50, maxTimeout: 300 },
      // Its default is to throw from a timer. Whoever took over a lock held too long finds our key or is told of two.
      onCompromised: () => undefined,
    });
    try {
      const infos = await this.list();
      const made = this.onlyRoot(infos);
      if (made) return await this.load(made.id);
      await this.checkNoneIsHidden(infos);
      const key = PrivateKey.generate();
      await this.add(key, { role: 'root' });
      return key;
    } finally {
      await release();
    }
  }

  /** Throws what `rootKey` would, and makes no key. */
  async checkRootKey(options: RootKeyOptions = {}): Promise<void> {
    if ((await this.findRootKey(options)) !== undefined) return;
    await this.checkNoneIsHidden(await this.list());
    this.checkNewKey({ role: 'root' });
  }

  /** Undefined: one has to be made, as may be. */
  private async findRootKey({ rootKeyId, create = false }: RootKeyOptions): Promise<PrivateKey | undefined> {
    if (rootKeyId !== undefined) return this.load(rootKeyId);
    const only = this.onlyRoot(await this.list());
    if (only) return this.load(only.id);
    if (!create) throw this.noRoot();
    return undefined;
  }

  /**
   * The root key to rotate to from these: the named one, or the only one there is. Undefined: that is one of these, or there
   * is none, so that a new one has to be made. Throws `several_root_keys`, `no_next_root_key` unless `create`, and what `load`
   * throws.
   */
  async nextRootKey(
    current: readonly string[],
    { rootKeyId, create = false }: RootKeyOptions = {},
  ): Promise<PrivateKey | undefined> {
    const id = rootKeyId ?? this.onlyRoot(await this.list())?.id;
    if (id !== undefined && !current.includes(id)) return this.load(id);
    if (create) return undefined;
    const inUse = id === undefined ? '' : `: ${id} is the one in use`;
    const message = `there is no root key in ${this.folder.path} to rotate to${inUse}`;
    throw new DctError('no_next_root_key', message, {
      cure: 'copy the new root key of your organisation there and name it, or let one be made on a machine you keep',
    });
  }

  private onlyRoot(keys: readonly KeyInfo[]): KeyInfo | undefined {
    const [root, ...others] = keys.filter(({ role }) => role === 'root');
    if (!root || others.length === 0) return root;
    const list = [root, ...others].map(({ id, file }) => `${id} (${file})`).join(', ');
    throw new DctError('several_root_keys', `${this.folder.path} has several root keys: ${list}`, {
      cure: 'name the one to use; docker itself would silently take the smallest ID',
    });
  }

  /** Throws where a file may be the root key for all that is known: a second one would be made beside it. */
  private async checkNoneIsHidden(infos: readonly KeyInfo[]): Promise<void> {
    const known = new Map(infos.map(({ id, role }) => [id, role]));
    for (const [id, file] of await this.folder.files()) {
      if ((known.get(id) ?? '') !== '') continue;
      decodeKeyFile(await this.folder.read(file), file);
      throw new DctError(
        'unknown_key_role',
        `no new root key is made: ${file} does not say what the key in it is for`,
        {
          cure: `if it is the root key, name it by its ID, ${id}; otherwise give the file the header "role: <signer>", or take it out of the trust store`,
        },
      );
    }
  }

  private noRoot(): DctError {
    return new DctError('no_root_key', `there is no root key in ${this.folder.path}`, {
      cure: [
        'copy the root key of your organisation there (<key ID>.key), or make one on a machine you keep (dct keys init)',
        'and back it up (dct keys backup):',
        'without the key and its passphrase no repository made with it can ever get new keys',
      ].join(' '),
    });
  }
}

function isTooShort(passphrase: string): boolean {
  return passphrase.length < fewestCharacters;
}

function tooShort(role: string): DctError {
  return new DctError('passphrase_too_short', `the passphrase to encrypt a new ${role} key with is too short`, {
    cure: `choose one of ${fewestCharacters} characters or more, as docker wants it: ${passphraseHint(role)}`,
  });
}

function decrypt(keyFile: KeyFile, { role }: KeyInfo, passphrase: string | undefined): PrivateKey {
  try {
    return keyFile.decrypt(passphrase);
  } catch (error) {
    if (!(error instanceof DctError) || error.cure !== undefined) throw error;
    const name = role === '' ? 'key' : `${role} key`;
    throw new DctError(error.code, `${error.message} (${name})`, {
      cure: error.code === 'wrong_passphrase' ? passphraseHint(role, 'correct') : passphraseHint(role),
    });
  }
}
