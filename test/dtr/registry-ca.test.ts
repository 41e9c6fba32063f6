import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchRegistryCa } from '../../src/dtr';
import { certificateFingerprint } from '../../src/http';
import { type TestAuthority, testAuthority } from '../support/certificates';
import { type TestAnswer, type TlsTestServer, startTlsServer } from '../support/tls-server';

let authority: TestAuthority;
let pin: string;
let server: TlsTestServer;
let answer: TestAnswer;
const http = { maxRetries: 0, sleep: () => Promise.resolve() };

const fingerprintOf = ({ certificate }: TestAuthority): string =>
  certificateFingerprint(new X509Certificate(certificate));

beforeAll(async () => {
  authority = await testAuthority('DTR CA');
  pin = fingerprintOf(authority);
});
beforeEach(async () => {
  answer = { body: authority.certificate };
  server = await startTlsServer({ certificate: await authority.issue() }, () => answer);
});
afterEach(() => server.close());

describe("when this machine's roots do not vouch for the DTR", () => {
  it('prints the fingerprint and how to pin it', async () => {
    await expect(fetchRegistryCa(server.host, { http })).rejects.toMatchObject({
      code: 'registry_ca_not_pinned',
      message: `The system's root certificates do not vouch for ${server.host}. Its /ca gave CN=DTR CA with SHA-256 ${pin}.`,
      cure: expect.stringContaining('give it as ca_sha256') as string,
    });
  });

  it.each([
    ['plain', (text: string) => text],
    ['with colons, upper case', (text: string) => text.toUpperCase().replace(/..(?=.)/g, '$&:')],
    ['with its name', (text: string) => `SHA256:${text}`],
  ])('accepts the pinned certificate (%s)', async (_, write) => {
    answer = { body: `# CA\r\n${authority.certificate.replaceAll('\n', '\r\n')}` };
    expect(await fetchRegistryCa(server.host, { sha256: write(pin), http })).toBe(authority.certificate);
  });

  it('takes nothing but the pinned certificate', async () => {
    const evil = await testAuthority('Evil CA');
    answer = { body: evil.certificate + authority.certificate };
    expect(await fetchRegistryCa(server.host, { sha256: pin, http })).toBe(authority.certificate);
  });

  it('refuses another certificate, naming both fingerprints', async () => {
    const evil = await testAuthority('Evil CA');
    answer = { body: evil.certificate };
    await expect(fetchRegistryCa(server.host, { sha256: pin, http })).rejects.toMatchObject({
      code: 'registry_ca_other_fingerprint',
      message: `https://${server.host}/ca gave CN=Evil CA with SHA-256 ${fingerprintOf(evil)}, not the certificate with SHA-256 ${pin}.`,
    });
  });

  it('refuses a server that shows the right CA and is not certified by it', async () => {
    const evil = await testAuthority('Evil CA');
    const impostor = await startTlsServer({ certificate: await evil.issue() }, () => answer);
    await expect(fetchRegistryCa(impostor.host, { sha256: pin, http })).rejects.toMatchObject({
      code: 'tls_untrusted',
    });
    await impostor.close();
  });

  it('refuses an expired server certificate and another host name, pin or no pin', async () => {
    const hour = 3_600_000;
    const expired = await authority.issue({
      notBefore: new Date(Date.now() - 2 * hour),
      notAfter: new Date(Date.now() - hour),
    });
    const other = await authority.issue({ names: ['other.example.com'], addresses: [] });
    for (const [certificate, code] of [
      [expired, 'tls_expired'],
      [other, 'tls_wrong_host'],
    ] as const) {
      const wrong = await startTlsServer({ certificate }, () => answer);
      await expect(fetchRegistryCa(wrong.host, { sha256: pin, http })).rejects.toMatchObject({ code });
      await wrong.close();
    }
  });

  it.each([
    ['a page', { body: '<html>no</html>' }, /what it answered is no PEM certificate/],
    ['nothing', { body: '' }, /what it answered is no PEM certificate: it is empty/],
    ['an error', { status: 404, body: 'x' }, /it answered with status 404/],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://elsewhere.example.com/ca' } },
      /it answered with status 302/,
    ],
    ['too much', { body: 'x'.repeat(300_000) }, /longer than 262144 bytes/],
  ])('refuses %s', async (_, given, message) => {
    answer = given;
    await expect(fetchRegistryCa(server.host, { sha256: pin, http })).rejects.toMatchObject({
      code: 'registry_ca_unusable',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe("when this machine's roots vouch for the DTR", () => {
  let directory: string;
  const before = process.env['SSL_CERT_FILE'];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'roots-'));
    await writeFile(join(directory, 'roots.pem'), authority.certificate);
    process.env['SSL_CERT_FILE'] = join(directory, 'roots.pem');
  });
  afterEach(async () => {
    if (before === undefined) delete process.env['SSL_CERT_FILE'];
    else process.env['SSL_CERT_FILE'] = before;
    await rm(directory, { recursive: true });
  });

  it('needs no pin', async () => {
    expect(await fetchRegistryCa(server.host, { http })).toBe(authority.certificate);
  });

  it('keeps to a pin all the same', async () => {
    await expect(fetchRegistryCa(server.host, { sha256: '00'.repeat(32), http })).rejects.toMatchObject({
      code: 'registry_ca_other_fingerprint',
    });
  });

  it('refuses a CA that the server does not come from', async () => {
    answer = { body: (await testAuthority('Old CA')).certificate };
    await expect(fetchRegistryCa(server.host, { http })).rejects.toMatchObject({ code: 'tls_untrusted' });
  });

  it('names the file when the roots cannot be read', async () => {
    process.env['SSL_CERT_FILE'] = join(directory, 'nowhere.pem');
    await expect(fetchRegistryCa(server.host, { http })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('nowhere.pem') as string,
    });
  });
});

describe('when nothing is asked at all', () => {
  it.each([`https://127.0.0.1`, '127.0.0.1/', '', 'a b'])('refuses the address %j', async (address) => {
    await expect(fetchRegistryCa(address, { http })).rejects.toThrow('is not a registry host address');
    expect(server.requests).toEqual([]);
  });

  it('refuses a fingerprint that is none', async () => {
    await expect(fetchRegistryCa(server.host, { sha256: 'ab:cd', http })).rejects.toMatchObject({
      code: 'invalid_fingerprint',
    });
    expect(server.requests).toEqual([]);
  });

  it('says that nothing listens', async () => {
    await server.close();
    await expect(fetchRegistryCa(server.host, { sha256: pin, http })).rejects.toMatchObject({ code: 'unreachable' });
  });
});
