import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeKeyFile, PrivateKey } from '../../../src/notary/keys';
import { dockerPassphrases, TrustStore } from '../../../src/notary/trust-store';
import { diagnosticsOf } from './catalogue';
import { SECRET } from './steady';

const key = PrivateKey.generate();
const other = PrivateKey.generate();
const id = key.canonicalId;
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dct-texts-'));
  await mkdir(join(directory, 'private'));
});
afterEach(() => rm(directory, { recursive: true }));

const known = {
  DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: 'root pass',
  DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: 'repo pass',
};
const wrong = {
  DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: SECRET,
  DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: SECRET,
};

/** A use of a store that has these files in it, opened with such an environment. */
function store(
  use: (store: TrustStore) => unknown,
  { keys = {}, env = known }: { keys?: Readonly<Record<string, string>>; env?: Readonly<Record<string, string>> } = {},
) {
  return async () => {
    for (const [name, text] of Object.entries(keys)) await writeFile(join(directory, 'private', `${name}.key`), text);
    return use(new TrustStore({ directory, passphrase: dockerPassphrases(env) }));
  };
}

const root = encodeKeyFile(key, { role: 'root', passphrase: 'root pass' });
const second = encodeKeyFile(other, { role: 'root', passphrase: 'root pass' });
const targets = encodeKeyFile(key, {
  role: 'targets',
  gun: 'dtr.example.com/admin/trustdemo',
  passphrase: 'repo pass',
});
const load = (one: TrustStore): unknown => one.load(id);

diagnosticsOf('trust-store', {
  key_not_found: store(load),
  wrong_key_file: store(load, { keys: { [id]: second } }),
  'wrong_passphrase: root': store(load, { keys: { [id]: root }, env: wrong }),
  'wrong_passphrase: repository': store(load, { keys: { [id]: targets }, env: wrong }),
  'passphrase_missing: root': store(load, { keys: { [id]: root }, env: {} }),
  'passphrase_missing: repository': store(load, { keys: { [id]: targets }, env: {} }),
  'passphrase_missing: new key': store((one) => one.add(key, { role: 'targets' }), { env: {} }),
  passphrase_too_short: store((one) => one.add(key, { role: 'targets' }), {
    env: { DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: '7 chars' },
  }),
  no_root_key: store((one) => one.rootKey()),
  unknown_key_role: store((one) => one.rootKey({ create: true }), {
    keys: { [id]: encodeKeyFile(key, { role: '', passphrase: 'one' }) },
  }),
  several_root_keys: store((one) => one.rootKey(), { keys: { [id]: root, [other.canonicalId]: second } }),
  'no_next_root_key: none': store((one) => one.nextRootKey([id])),
  'no_next_root_key: only the one in use': store((one) => one.nextRootKey([id]), { keys: { [id]: root } }),
  'trust_store_failed: read': store(async (one) => {
    await rm(join(directory, 'private'), { recursive: true });
    await writeFile(join(directory, 'private'), 'a file where the folder belongs');
    return one.list();
  }),
  'trust_store_failed: make': store(async (one) => {
    await rm(join(directory, 'private'), { recursive: true });
    await writeFile(join(directory, 'private'), 'a file where the folder belongs');
    return one.add(key, { role: 'targets' });
  }),
});
