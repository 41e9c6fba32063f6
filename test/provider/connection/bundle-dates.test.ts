import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '../../../src/provider/connection';
import { makeCertificate } from '../../notary/certificates';
import { configurationOf } from '../configuration/configuration-of';

const ignore = (): void => undefined;
const log = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
const nowhere = 'localhost:1';

describe('when a client bundle is over at the provider’s time, whatever this machine’s is', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dct-bundle-'));
    const { certificate, privateKey } = await makeCertificate({ notAfter: new Date('2060-01-01T00:00:00Z') });
    const files = { 'ca.pem': certificate, 'cert.pem': certificate, 'key.pem': privateKey };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const connectionAt = (time: string): Connection => {
    const nothing = { ca_bundle: null, username: null, password: null };
    const config = configurationOf({
      registry: {
        ...{ ...nothing, host_address: nowhere, ca_sha256: null, notary_url: null },
        ...{ client_bundle_path: folder },
      },
      clusters: {
        cluster2: {
          ...{ ...nothing, endpoint: `https://${nowhere}`, certificate: null, private_key: null, must_admit: null },
          ...{ client_bundle_path: folder },
        },
      },
      request_timeout_seconds: 1,
      max_retries: 0,
    });
    return new Connection(config, {}, log, { clock: () => new Date(time) });
  };

  test.each<[string, (connection: Connection) => Promise<unknown>, string[]]>([
    ['the registry’s', (connection) => connection.requireCaBundle(), ['registry', 'client_bundle_path']],
    [
      'a cluster’s',
      (connection) => connection.cluster('cluster2').version(),
      ['clusters', 'cluster2', 'client_bundle_path'],
    ],
  ])('%s is refused', async (_, use, attribute) => {
    const late = connectionAt('2061-01-01T00:00:00Z');
    await expect(use(late)).rejects.toMatchObject({ code: 'bundle_certificate_expired', attribute });
    await late.close();
    const early = connectionAt('2059-01-01T00:00:00Z');
    await expect(use(early)).rejects.not.toMatchObject({ code: 'bundle_certificate_expired' });
    await early.close();
  });
});
