import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:net';
import { HttpClient, HttpError, type Origin, certificateFingerprint } from '../../src/http';
import { type CertificateRequest, type TestAuthority, testAuthority } from '../support/certificates';
import { alertingServer, hasOpenssl, lateAlertingServer } from './alerting-servers';
import { type TlsServerOptions, type TlsTestServer, startTlsServer } from '../support/tls-server';

const hour = 3_600_000;
let authority: TestAuthority;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  authority = await testAuthority('Right CA');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function serve(request?: CertificateRequest, options: Partial<TlsServerOptions> = {}): Promise<TlsTestServer> {
  const server = await startTlsServer({ certificate: await authority.issue(request), ...options }, () => ({
    body: 'in',
  }));
  open.push(server);
  return server;
}

/** Asks once and gives the failure as a plain object, or the body. */
async function ask(origin: Origin): Promise<unknown> {
  const client = new HttpClient(origin, { maxRetries: 0, timeoutSeconds: 5 });
  open.push(client);
  return client.request({ method: 'GET', path: '/v2/' }).then(
    (response) => response.text(),
    (error: unknown) => {
      if (!(error instanceof HttpError)) throw error;
      const { code, host, message, cure } = error;
      return { code, host, message, cure };
    },
  );
}

describe('when the server cannot be trusted', () => {
  it('names the CA that was used, and how to give the right one', async () => {
    const other = await testAuthority('Other CA');
    const server = await serve();
    const fingerprint = certificateFingerprint(new X509Certificate(other.certificate));
    expect(await ask({ url: server.url, caBundle: other.certificate })).toEqual({
      code: 'tls_untrusted',
      host: server.host,
      message:
        `GET ${server.url}/v2/: the certificate of ${server.host} (CN=localhost, issued by CN=Right CA) is not vouched for by ` +
        `the CA given (CN=Other CA, SHA-256 ${fingerprint}).`,
      cure: `Give the certificate of the CA that issued it, in PEM, as ca_bundle for ${server.host}.`,
    });
    expect(server.requests).toEqual([]);
  });

  it("says that this machine's roots do not know the server", async () => {
    const server = await serve();
    expect(await ask({ url: server.url })).toMatchObject({
      code: 'tls_untrusted',
      message: expect.stringContaining("is not vouched for by this machine's root certificates.") as string,
    });
  });

  it('says that a bundle without a root will not do', async () => {
    const server = await serve();
    const leaf = await authority.issue();
    expect(await ask({ url: server.url, caBundle: leaf.certificate })).toMatchObject({
      code: 'tls_untrusted',
      cure: expect.stringContaining('holds no self-signed (root) certificate: add the root.') as string,
    });
  });

  it('cannot be talked out of it by the environment', async () => {
    const server = await serve();
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect(await ask({ url: server.url })).toMatchObject({ code: 'tls_untrusted' });
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
    expect(server.requests).toEqual([]);
  });

  it('names the dates of an expired certificate', async () => {
    const now = Date.now();
    const server = await serve({ notBefore: new Date(now - 2 * hour), notAfter: new Date(now - hour) });
    expect(await ask({ url: server.url, caBundle: authority.certificate })).toMatchObject({
      code: 'tls_expired',
      message: expect.stringMatching(/CN=localhost.* has expired; it is valid from .+ GMT to .+ GMT\.$/) as string,
    });
  });

  it('names the dates of a certificate that is not valid yet', async () => {
    const now = Date.now();
    const server = await serve({ notBefore: new Date(now + hour), notAfter: new Date(now + 2 * hour) });
    expect(await ask({ url: server.url, caBundle: authority.certificate })).toMatchObject({
      code: 'tls_expired',
      message: expect.stringContaining('is not valid yet; it is valid from') as string,
    });
  });

  it('names the hosts the certificate is for', async () => {
    const server = await serve({ names: ['dtr.example.com'], addresses: ['10.0.0.1'] });
    expect(await ask({ url: server.url, caBundle: authority.certificate })).toMatchObject({
      code: 'tls_wrong_host',
      message: expect.stringContaining('is for other hosts: DNS:dtr.example.com, IP Address:10.0.0.1.') as string,
    });
    expect(server.requests).toEqual([]);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('accepts it no more the second time, with %s', async (maxVersion) => {
    const server = await serve({ names: ['dtr.example.com'], addresses: ['10.0.0.1'] }, { maxVersion });
    const client = new HttpClient({ url: server.url, caBundle: authority.certificate }, { maxRetries: 0 });
    open.push(client);
    for (let time = 1; time <= 3; time += 1)
      await expect(client.request({ method: 'GET', path: '/' })).rejects.toMatchObject({ code: 'tls_wrong_host' });
    expect(server.requests).toEqual([]);
  });

  it('does not speak TLS 1.1', async () => {
    const server = await serve({ key: 'RSA-2048' }, { maxVersion: 'TLSv1.1' });
    expect(await ask({ url: server.url, caBundle: authority.certificate })).toMatchObject({
      code: 'tls',
      cure: 'Check that the port speaks HTTPS with TLS 1.2 or newer.',
    });
  });

  it('says that a port does not speak TLS', async () => {
    const plain = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).resume();
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const address = plain.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    expect(await ask({ url: `https://127.0.0.1:${port!}`, caBundle: authority.certificate })).toMatchObject({
      code: 'tls',
    });
    await new Promise((resolve) => plain.close(resolve));
  });
});

describe('when several connections are needed', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('exchanges certificates for the first only, with %s', async (maxVersion) => {
    const server = await serve(undefined, { maxVersion });
    const client = new HttpClient({ url: server.url, caBundle: authority.certificate });
    open.push(client);
    await client.request({ method: 'GET', path: '/first' });
    const others = Array.from({ length: 4 }, () => client.request({ method: 'GET', path: '/' }));
    expect((await Promise.all(others)).map((response) => response.text())).toEqual(Array(4).fill('in'));
    expect(server.connections()).toBeGreaterThan(1);
    expect(server.resumed()).toBe(server.connections() - 1);
  });
});

describe('when the server cannot be reached', () => {
  it('says that nothing listens', async () => {
    const server = await serve();
    await server.close();
    expect(await ask({ url: server.url, caBundle: authority.certificate })).toEqual({
      code: 'unreachable',
      host: server.host,
      message: `GET ${server.url}/v2/: ${server.host} cannot be reached: nothing listens there (connection refused).`,
      cure: 'Check the address and port, and that the server is running.',
    });
  });

  it('says that the name is not known, without trying again and again', async () => {
    const client = new HttpClient({ url: 'https://no-such-host.invalid', caBundle: authority.certificate });
    open.push(client);
    await expect(client.request({ method: 'GET', path: '/' })).rejects.toMatchObject({
      code: 'unreachable',
      cure: expect.stringMatching(/DNS settings/) as string,
    });
  });

  it('tries again to connect, also for a POST', async () => {
    const server = await serve();
    await server.close();
    const client = new HttpClient(
      { url: server.url, caBundle: authority.certificate },
      { sleep: () => Promise.resolve(), maxRetries: 3 },
    );
    await expect(client.request({ method: 'POST', path: '/' })).rejects.toMatchObject({ code: 'unreachable' });
    expect(client.requestCount).toBe(4);
  });

  it('gives up on a server that takes the connection and says nothing', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const client = new HttpClient({ url: `https://127.0.0.1:${port!}` }, { maxRetries: 0, timeoutSeconds: 0.2 });
    await expect(client.request({ method: 'GET', path: '/' })).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('no connection to 127.0.0.1:') as string,
    });
    await client.close();
    silent.close();
  });
});

describe('when the server asks who we are', () => {
  it('shows the client certificate', async () => {
    const server = await serve({}, { clientCa: authority.certificate, clients: 'required' });
    const clientCertificate = await authority.issue({ usage: 'client', commonName: 'admin' });
    expect(await ask({ url: server.url, caBundle: authority.certificate, clientCertificate })).toBe('in');
    expect(server.requests[0]?.client).toBe('admin');
  });

  const refusal = {
    code: 'tls_client_certificate',
    message: expect.stringMatching(
      /does not accept the client certificate \(CN=admin, issued by CN=Old UCP CA, valid to .* GMT\): tlsv1 alert unknown ca\.$/,
    ) as string,
    cure: expect.stringContaining('makes earlier bundles invalid') as string,
  };

  it('says that the server wants another one', async () => {
    const server = await alertingServer();
    open.push(server);
    const clientCertificate = await (await testAuthority('Old UCP CA')).issue({ usage: 'client', commonName: 'admin' });
    expect(await ask({ url: server.url, caBundle: authority.certificate, clientCertificate })).toMatchObject(refusal);
  });

  (hasOpenssl ? it : it.skip)('says so too when the alert comes after the handshake (TLS 1.3)', async () => {
    const server = await lateAlertingServer(authority);
    open.push(server);
    const clientCertificate = await (await testAuthority('Old UCP CA')).issue({ usage: 'client', commonName: 'admin' });
    expect(await ask({ url: server.url, caBundle: authority.certificate, clientCertificate })).toMatchObject(refusal);
    expect(await ask({ url: server.url, caBundle: authority.certificate })).toMatchObject({
      code: 'tls_client_certificate',
      message: `GET ${server.url}/v2/: ${new URL(server.url).host} asks for a client certificate and none is configured.`,
    });
  });
});

describe('when CA, certificate or key cannot be used', () => {
  const refusal = (origin: Partial<Origin>): unknown => {
    try {
      return new HttpClient({ url: 'https://ucp.example.com', ...origin });
    } catch (error) {
      return error;
    }
  };

  it.each([
    ['an empty text', '', 'it is empty'],
    [
      'a path',
      '/etc/ssl/ca.pem',
      'it has no "-----BEGIN CERTIFICATE-----" line (a path where the PEM text itself belongs?)',
    ],
    [
      'a block that is cut off',
      '-----BEGIN CERTIFICATE-----\nMIIB',
      'its PEM block is cut off: there is a BEGIN line without its END line',
    ],
    [
      'a broken block',
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
      'its block is not a certificate that can be read',
    ],
    [
      'a key',
      '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n',
      'its block is a PRIVATE KEY, not a CERTIFICATE',
    ],
  ])('refuses %s as CA bundle before any request', (_, caBundle, why) => {
    expect(refusal({ caBundle })).toMatchObject({
      code: 'invalid',
      message: `The CA bundle (ca_bundle) for ucp.example.com is not usable: ${why}.`,
    });
  });

  it('refuses a bundle with one broken certificate among good ones', () => {
    const caBundle = `# ours\n${authority.certificate}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`;
    expect(refusal({ caBundle })).toMatchObject({ message: expect.stringContaining('block 2 of 2') as string });
  });

  it('refuses a key of another certificate, a broken one and an encrypted one, without showing it', async () => {
    const { certificate } = await authority.issue({ usage: 'client', commonName: 'admin' });
    const { privateKey } = await authority.issue({ usage: 'client' });
    expect(refusal({ clientCertificate: { certificate, privateKey } })).toMatchObject({
      message: 'The private key for ucp.example.com does not belong to the client certificate (CN=admin).',
    });
    const broken = '-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----';
    expect(refusal({ clientCertificate: { certificate, privateKey: broken } })).toMatchObject({
      message: expect.stringMatching(/not usable: it is not a PEM private key\.$/) as string,
    });
    const encrypted = broken.replaceAll('EC PRIVATE', 'ENCRYPTED PRIVATE');
    expect(refusal({ clientCertificate: { certificate, privateKey: encrypted } })).toMatchObject({
      message: expect.stringMatching(/not usable: it is encrypted\.$/) as string,
    });
  });

  it.each([
    ['http://ucp.example.com', 'only https is spoken'],
    ['ucp.example.com', 'it is not a URL'],
    ['https://ucp.example.com/api', 'there is something after the host'],
    ['https://admin:pa55@ucp.example.com', 'it holds a user name or password'],
  ])('refuses the address %s', (url, why) => {
    const error = refusal({ url });
    expect(error).toMatchObject({
      code: 'invalid',
      message: expect.stringContaining(`is not an address to connect to: ${why}`) as string,
    });
    expect(String(error)).not.toContain('pa55');
  });
});
