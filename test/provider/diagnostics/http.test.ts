import { createServer } from 'node:net';
import { HttpClient, type HttpOptions, type HttpRequest, type Origin } from '../../../src/http';
import { checkHostAddress } from '../../../src/http/host-address';
import { ConnectFailure } from '../../../src/http/connect';
import { explainFailure } from '../../../src/http/failure';
import { trustOf } from '../../../src/http/trust';
import { alertingServer } from '../../http/alerting-servers';
import { type CertificateRequest, type IssuedCertificate, type TestAuthority } from '../../support/certificates';
import { testAuthority } from '../../support/certificates';
import { startTlsServer, type TestHandler } from '../../support/tls-server';
import { diagnosticsOf } from './catalogue';
import { SECRET } from './steady';

const HOUR = 3_600_000;
let authority: TestAuthority;
let other: TestAuthority;
let admin: IssuedCertificate;
let silent: ReturnType<typeof createServer>;
beforeAll(async () => {
  authority = await testAuthority('Right CA');
  other = await testAuthority('Other CA');
  admin = await other.issue({ usage: 'client', commonName: 'admin' });
  silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterAll(() => silent.close());

type Ask = Partial<Origin> & { readonly options?: HttpOptions; readonly request?: Partial<HttpRequest> };

async function ask({ options, request, ...origin }: Ask & { readonly url: string }): Promise<unknown> {
  const client = new HttpClient({ caBundle: authority.certificate, ...origin }, { maxRetries: 0, ...options });
  try {
    return await client.request({ method: 'GET', path: '/v2/', ...request });
  } finally {
    await client.close();
  }
}

/** One request to a server with such a certificate. */
async function to(certificate: CertificateRequest, how: Ask = {}, handler: TestHandler = () => ({})): Promise<unknown> {
  const server = await startTlsServer({ certificate: await authority.issue(certificate) }, handler);
  try {
    return await ask({ url: server.url, ...how });
  } finally {
    await server.close();
  }
}

const client = (origin: Partial<Origin>) => () => new HttpClient({ url: 'https://ucp.example.com', ...origin });

/** What only another machine or another OpenSSL would do. */
function failing(code: string, message = code) {
  return () => {
    const trust = trustOf({ url: 'https://dtr.example.com' }, 'dtr.example.com');
    const error = Object.assign(new Error(message), { code });
    const attempt = { request: 'GET https://dtr.example.com/v2/', host: 'dtr.example.com', trust };
    throw explainFailure(new ConnectFailure(error, undefined), { ...attempt, timeoutSeconds: 30, signal: undefined });
  };
}

diagnosticsOf('http', {
  'tls_untrusted: another CA': () => to({}, { caBundle: other.certificate }),
  'tls_untrusted: a CA bundle without a root': async () => {
    const { certificate } = await authority.issue({ commonName: 'Middle CA' });
    return to({}, { caBundle: certificate });
  },
  'tls_expired: over': () => to({ notBefore: new Date(Date.now() - 48 * HOUR), notAfter: new Date(Date.now() - HOUR) }),
  'tls_expired: not yet': () =>
    to({ notBefore: new Date(Date.now() + HOUR), notAfter: new Date(Date.now() + 48 * HOUR) }),
  tls_wrong_host: () => to({ names: ['elsewhere.example.com'], addresses: [] }),
  'tls_client_certificate: not accepted': async () => {
    const server = await alertingServer();
    return ask({ url: server.url, clientCertificate: admin }).finally(() => server.close());
  },
  'tls_client_certificate: none': async () => {
    const server = await alertingServer();
    return ask({ url: server.url }).finally(() => server.close());
  },
  'tls: no HTTPS there': failing(
    'ERR_SSL_WRONG_VERSION_NUMBER',
    '0A00010B:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:ssl3_record.c:354:\n',
  ),
  'tls: handshake failure': failing(
    'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
    '0A000410:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:rec_layer_s3.c:1590:SSL alert number 40\n',
  ),
  'unreachable: refused': async () => {
    const server = await startTlsServer({ certificate: await authority.issue() }, () => ({}));
    await server.close();
    return ask({ url: server.url });
  },
  'unreachable: unknown name': failing('ENOTFOUND'),
  'unreachable: no name server': failing('EAI_AGAIN'),
  'unreachable: another reason': failing('EHOSTUNREACH', 'connect EHOSTUNREACH 10.0.0.7:443'),
  'timeout: no connection': () => {
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return ask({ url: `https://127.0.0.1:${port}`, options: { timeoutSeconds: 0.2 } });
  },
  'timeout: no answer': () => to({}, { options: { timeoutSeconds: 0.2 } }, () => undefined),
  'timeout: half an answer': () =>
    to({}, { options: { timeoutSeconds: 0.2 } }, (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      return undefined;
    }),
  'timeout: by drops': () =>
    to({}, { options: { timeoutSeconds: 0.2 } }, (_, response) => {
      response.writeHead(200);
      const drops = setInterval(() => response.write('x'), 20);
      response.on('close', () => {
        clearInterval(drops);
      });
      return undefined;
    }),
  reset: () =>
    to({}, {}, (_, response) => {
      response.destroy();
      return undefined;
    }),
  protocol: () =>
    to({}, {}, (_, response) => {
      response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n');
      return undefined;
    }),
  too_large: () => to({}, { request: { maxBytes: 10 } }, () => ({ body: 'more than ten bytes' })),
  aborted: () => to({}, { request: { signal: AbortSignal.abort() } }),
  'invalid: host address': () => checkHostAddress(`https://admin:${SECRET}@dtr.example.com`),
  'invalid: host address with a path': () => checkHostAddress('dtr.example.com/admin'),
  'invalid: host address with a space': () => checkHostAddress('dtr example'),
  'invalid: host address of another form': () => checkHostAddress('-dtr-', 'registry host address'),
  'invalid: CA bundle': client({ caBundle: '/etc/ssl/ca.pem' }),
  'invalid: client certificate': () =>
    client({ clientCertificate: { ...admin, certificate: '-----BEGIN CERTIFICATE-----\nMIIB' } })(),
  'invalid: private key': () => client({ clientCertificate: { ...admin, privateKey: SECRET } })(),
  'invalid: encrypted private key': () =>
    client({ clientCertificate: { ...admin, privateKey: '-----BEGIN ENCRYPTED PRIVATE KEY-----' } })(),
  'invalid: key of another certificate': async () => {
    const { privateKey } = await authority.issue({ usage: 'client' });
    return client({ clientCertificate: { ...admin, privateKey } })();
  },
  'invalid: root certificates of this machine': async () => {
    const before = process.env['SSL_CERT_FILE'];
    process.env['SSL_CERT_FILE'] = '/app/no-such-file.pem';
    try {
      return await ask({ url: 'https://127.0.0.1:1', caBundle: undefined });
    } finally {
      if (before === undefined) delete process.env['SSL_CERT_FILE'];
      else process.env['SSL_CERT_FILE'] = before;
    }
  },
  'invalid: URL': client({ url: `https://admin:${SECRET}@ucp.example.com` }),
  'invalid: URL with a path': client({ url: 'https://ucp.example.com/login' }),
  'invalid: no URL': client({ url: 'ucp.example.com' }),
  'invalid: no https': client({ url: 'http://ucp.example.com' }),
});
