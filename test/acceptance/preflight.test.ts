import { writeFile } from 'node:fs/promises';
import { PrivateKey } from '../../src/notary';
import { encodeKeyFile } from '../../src/notary/keys';
import { makeCertificate, type Made } from '../notary/certificates';
import { type Changes, provider, type Settings } from './configuration';
import { keyFiles, LocalFiles } from './local-files';
import { forget, writes } from './observed';
import type { Outcome } from './terraform';
import { enforcing, signer, trusted } from './topology';
import { World } from './world';
import { hostileZip } from './zips';

const ROOT = 'DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE';
const REPOSITORY = 'DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE';
const DESTROY = 'to destroy what is there, use -refresh=false';

// What lies on this machine is looked at before anything is changed anywhere, whichever resource would come to it last.
describe('a topology of which something on this machine cannot be used', () => {
  let world: World;
  let files: LocalFiles;
  let alice: Made;
  beforeAll(async () => {
    world = await World.start({ clusters: 3 });
    files = await LocalFiles.of(world);
    alice = await makeCertificate();
  });
  afterAll(async () => {
    await files.close();
    await world.close();
  });
  afterEach(() => {
    process.env[ROOT] = 'the root passphrase';
    process.env[REPOSITORY] = 'the repository passphrase';
  });

  const zip = async (make: (path: string) => Promise<void>): Promise<string> => {
    const path = await files.path('cluster3.zip');
    await make(path);
    return path;
  };
  const whole = (): string => trusted(alice.certificate) + enforcing('cluster2', 'cluster3');

  const texts = ({ errors }: Outcome): string[] => [
    ...new Set(errors.map(({ summary, detail }) => `${summary}\n${detail}`)),
  ];
  const configure = async (changes: Changes, resources = whole()): Promise<void> => {
    await world.terraform.configure(provider(world, changes) + resources);
    forget(world);
  };
  /** `PATH` stands for what differs from run to run. */
  const refused = (outcome: Outcome, path: string, text: string): void => {
    expect(outcome.ok).toBe(false);
    expect(texts(outcome)).toEqual([text.replaceAll('PATH', path)]);
    expect(writes(world)).toEqual([]);
  };

  const its = 'The path is that of clusters.cluster3.client_bundle_path';
  const again = 'What to do: Download the bundle again from the UCP web interface';
  const bundles: [string, () => Promise<string>, string][] = [
    [
      'is a zip that leads out of itself',
      () => zip(hostileZip),
      `The client bundle PATH is refused: invalid relative path: ../cert.pem\n${again} (My Profile, New Client Bundle). ` +
        `${its}; ${DESTROY}\n(bundle_refused)`,
    ],
    [
      'is no zip',
      () => zip((path) => writeFile(path, 'not a zip')),
      'The client bundle PATH is refused: it is not a whole zip file (End of central directory record signature not found. ' +
        `Either not a zip file, or file is truncated.)\n${again} (My Profile, New Client Bundle). ${its}; ${DESTROY}\n` +
        '(bundle_refused)',
    ],
    [
      'has no certificate in its file',
      () => files.bundle({ 'cert.pem': 'not a certificate' }),
      'In the client bundle PATH, cert.pem is not usable: it has no "-----BEGIN CERTIFICATE-----" line (a path where the PEM ' +
        `text itself belongs?)\n${again}. ${its}; ${DESTROY}\n(bundle_malformed)`,
    ],
    [
      'has the key of another',
      async () => files.bundle({ 'key.pem': (await makeCertificate()).privateKey, 'cert.pem': alice.certificate }),
      'In the client bundle PATH, key.pem does not belong to cert.pem (CN=alice)\nWhat to do: Every download makes a new key ' +
        `pair: take both files from the same download. ${its}; ${DESTROY}\n(bundle_key_mismatch)`,
    ],
    [
      'has no key',
      () => files.bundle({ 'key.pem': null }),
      'The client bundle PATH lacks key.pem\nWhat to do: Give the folder or zip of a UCP client bundle, the one with ca.pem, ' +
        `cert.pem, key.pem and env.sh. ${its}; ${DESTROY}\n(bundle_incomplete)`,
    ],
  ];
  it.each(bundles)('is refused at plan when a client bundle %s', async (_, make, text) => {
    const path = await make();
    await configure({ clusters: { cluster3: { client_bundle_path: path } } });
    refused(await world.terraform.outline(), path, text);
  });

  const passphrases =
    'In the configuration: trust_store.root_passphrase, trust_store.repository_passphrase, or trust_store.passphrases for a single key';
  const stores: [string, Settings, () => Promise<string>, (path: string) => Promise<string>][] = [
    [
      'there is no root key',
      { create_root_key: false },
      () => files.store(0),
      (path) =>
        Promise.resolve(
          `There is no root key in ${path}/private\nWhat to do: Copy the root key of your organisation there (<key ID>.key), ` +
            'or make one on a machine you keep (dct keys init) and back it up (dct keys backup): without the key and its ' +
            `passphrase no repository made with it can ever get new keys; ${DESTROY}\n` +
            'In the configuration: trust_store.create_root_key = true makes one here\n(no_root_key)',
        ),
    ],
    [
      'there are several root keys',
      {},
      () => files.store(2),
      async (path) => {
        const list = (await keyFiles(path)).map((file) => `${file.slice(-68, -4)} (${file})`);
        return (
          `${path}/private has several root keys: ${list.join(', ')}\nWhat to do: Name the one to use; ` +
          `docker itself would silently take the smallest ID; ${DESTROY}\nIn the configuration: trust_store.root_key_id\n(several_root_keys)`
        );
      },
    ],
    [
      'the root passphrase is another',
      {},
      () => files.store(1, 'another passphrase'),
      async (path) =>
        `The passphrase does not open ${String(await keyFiles(path))} (root key)\nWhat to do: Correct ${ROOT}; ${DESTROY}\n` +
        `${passphrases}\n(wrong_passphrase)`,
    ],
    [
      'there is no root passphrase',
      {},
      async () => {
        process.env[ROOT] = '';
        return files.store(1);
      },
      async (path) =>
        `${String(await keyFiles(path))} is encrypted and no passphrase for it is known (root key)\nWhat to do: Set ${ROOT}; ${DESTROY}\n${passphrases}\n(passphrase_missing)`,
    ],
    [
      'there is no passphrase for a root key to be made',
      {},
      async () => {
        process.env[ROOT] = '';
        return files.path('trust');
      },
      () =>
        Promise.resolve(
          `There is no passphrase to encrypt a new root key with\nWhat to do: Set ${ROOT}; ` +
            `${DESTROY}\n${passphrases}\n(passphrase_missing)`,
        ),
    ],
    [
      'there is no passphrase for new keys',
      {},
      async () => {
        process.env[REPOSITORY] = '';
        return files.store(1);
      },
      () =>
        Promise.resolve(
          `There is no passphrase to encrypt a new targets key with\nWhat to do: Set ${REPOSITORY}; ${DESTROY}\n` +
            `${passphrases}\n(passphrase_missing)`,
        ),
    ],
    [
      'the passphrase for new keys is one that docker refuses',
      { repository_passphrase: '7 chars' },
      () => files.store(1),
      () =>
        Promise.resolve(
          'The passphrase to encrypt a new targets key with is too short\nWhat to do: Choose one of 8 characters or more, as ' +
            `docker wants it: set ${REPOSITORY}; ${DESTROY}\n${passphrases}\n(passphrase_too_short)`,
        ),
    ],
  ];
  it.each(stores)('is refused at plan when %s', async (_, settings, make, text) => {
    const path = await make();
    await configure({ trustStore: { directory: path, ...settings } });
    refused(await world.terraform.outline(), path, await text(path));
  });

  it.each([
    ['repository', () => trusted(alice.certificate)],
    ['signer', () => signer(alice.certificate, 'admin/trustdemo')],
  ])('is refused at plan of a %s when a signing key does not open', async (_, resources) => {
    const key = encodeKeyFile(PrivateKey.generate(), { role: 'alice', passphrase: 'one passphrase' });
    const more = { signing_keys: { alice: { private_key: key, passphrase: 'another passphrase' } } };
    await configure({ more }, resources());
    refused(
      await world.terraform.outline(),
      '',
      'The passphrase does not open signing_keys["alice"].private_key\nWhat to do: Give the right one as ' +
        `signing_keys["alice"].passphrase; ${DESTROY}\n(wrong_passphrase)`,
    );
  });
});
