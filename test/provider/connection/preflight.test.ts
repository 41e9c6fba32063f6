import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrivateKey } from '../../../src/notary';
import { encodeKeyFile } from '../../../src/notary/keys';
import { UNKNOWN } from '../../../src/plugin';
import type { Configuration } from '../../../src/provider/configuration/configuration';
import { Connection } from '../../../src/provider/connection';
import { keysFrom } from '../../../src/provider/connection/keys';
import { Preflight } from '../../../src/provider/connection/preflight';
import { makeCertificate } from '../../notary/certificates';
import { configurationOf } from '../configuration/configuration-of';

const ignore = (): void => undefined;
const log = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
type Cluster = NonNullable<Exclude<Configuration['clusters'], typeof UNKNOWN>>[string];

describe('before anything is changed', () => {
  let folder: string;
  let bad: string;
  let over: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dct-preflight-'));
    bad = join(folder, 'bad.zip');
    await writeFile(bad, 'not a zip');
    over = join(folder, 'over');
    await mkdir(over);
    const { certificate, privateKey } = await makeCertificate({
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date('2021-01-01T00:00:00Z'),
    });
    const files = { 'ca.pem': certificate, 'cert.pem': certificate, 'key.pem': privateKey };
    for (const [name, text] of Object.entries(files)) await writeFile(join(over, name), text);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const cluster = (given: Partial<Exclude<Cluster, typeof UNKNOWN>>): Cluster => ({
    ...{ endpoint: null, client_bundle_path: null, certificate: null, private_key: null },
    ...{ ca_bundle: null, username: null, password: null, must_admit: null },
    ...given,
  });
  const check = async (given: Partial<Configuration>): Promise<void> => {
    const connection = new Connection(configurationOf(given), {}, log);
    await connection.preflight.beforeWrites().finally(() => connection.close());
  };
  const key = encodeKeyFile(PrivateKey.generate(), { role: 'alice', passphrase: 'one passphrase' });
  const registry = { host_address: 'dtr.example.com', ca_bundle: null, ca_sha256: null, notary_url: null };

  it.each<[string, () => Partial<Configuration>, string]>([
    ['a cluster', () => ({ clusters: { a: cluster({}), b: cluster({ client_bundle_path: bad }) } }), 'bundle_refused'],
    [
      'the registry',
      () => ({ registry: { ...registry, username: 'admin', password: null, client_bundle_path: bad } }),
      'bundle_refused',
    ],
    [
      'a signing key',
      () => ({ signing_keys: { alice: { private_key: key, passphrase: 'another' } } }),
      'wrong_passphrase',
    ],
    [
      'a signing key beside others and a trust store that are not known',
      () => ({
        trust_store: UNKNOWN,
        signing_keys: {
          bob: { private_key: UNKNOWN, passphrase: null },
          alice: { private_key: key, passphrase: 'another' },
        },
      }),
      'wrong_passphrase',
    ],
  ])('says what is wrong with %s', async (_, given, code) => {
    await expect(check(given())).rejects.toMatchObject({ code });
  });

  it.each<[string, () => Partial<Configuration>]>([
    ['over', () => ({ clusters: { a: cluster({ client_bundle_path: over }) } })],
    ['left out', () => ({ clusters: { a: cluster({}), b: cluster({ endpoint: 'https://b', username: 'admin' }) } })],
    ['not there', () => ({ clusters: { a: cluster({ client_bundle_path: join(folder, 'none') }) } })],
    [
      'not known',
      () => ({ clusters: { a: UNKNOWN, b: cluster({ client_bundle_path: UNKNOWN }) }, signing_keys: UNKNOWN }),
    ],
    ['not even known to be there', () => ({ clusters: UNKNOWN, registry: UNKNOWN, trust_store: UNKNOWN })],
  ])('goes past what is %s', async (_, given) => {
    await check(given());
  });

  it('looks once for all who ask, and again after it failed', async () => {
    let opened = 0;
    let isBroken = true;
    const open = async (): Promise<void> => {
      opened += 1;
      await Promise.resolve();
      if (isBroken) throw new Error('broken');
    };
    const config = configurationOf({ clusters: { a: cluster({}) } });
    const preflight = new Preflight({
      config,
      cluster: () => ({ bundlePath: undefined, open }),
      openRegistryBundle: () => Promise.resolve(),
      keys: () => keysFrom(config, {}),
    });
    const all = (): Promise<unknown> => Promise.all([preflight.beforeWrites(), preflight.beforeWrites()]);
    await expect(all()).rejects.toThrow('broken');
    expect(opened).toBe(1);
    isBroken = false;
    await all();
    await all();
    expect(opened).toBe(2);
  });
});
