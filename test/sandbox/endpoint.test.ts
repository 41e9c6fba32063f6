import { X509Certificate } from 'node:crypto';
import { Authority } from '../../src/sandbox/authority';
import { Endpoint } from '../../src/sandbox/endpoint';
import { json, route, text } from '../../src/sandbox/route';
import { type Answer, type Call, caller } from './client';

let ca: Authority;
let clients: Authority;
let endpoint: Endpoint;

beforeAll(async () => {
  ca = await Authority.create('test CA');
  clients = await Authority.create('test client CA');
  endpoint = await Endpoint.start({
    tls: await ca.issueServer(),
    clientCa: clients.certificate,
    routes: [
      route('GET', '/who', (request) => {
        request.user = request.clientCertificate?.commonName;
        return json({ user: request.user ?? null, organisation: request.clientCertificate?.organisation ?? null });
      }),
      route('GET', '/accounts/:name/keys', (request) => text(request.params['name'] ?? '')),
      route('POST', '/echo', (request) => text(request.body.toString('utf8'), 201)),
      route('GET', '/broken', () => {
        throw new Error('broken handler');
      }),
    ],
  });
});

afterAll(() => endpoint.close());

beforeEach(() => {
  endpoint.requests.clear();
  endpoint.faults.clear();
});

const call: Call = (path, options, body) => caller(endpoint, ca.certificate)(path, options, body);

describe('when the authority issues certificates', () => {
  it('gives servers both names of loopback', async () => {
    const server = new X509Certificate((await ca.issueServer()).certificate);
    expect(server.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1');
    expect(server.verify(new X509Certificate(ca.certificate).publicKey)).toBe(true);
  });

  it('gives users the fields of a UCP client bundle', async () => {
    const { certificate } = await clients.issueClient('cluster2admin', 'ABCD:EFGH');
    const client = new X509Certificate(certificate);
    expect(client.subject).toBe('O=Orca: ABCD:EFGH\nOU=Client\nCN=cluster2admin');
    expect(client.subjectAltName).toBeUndefined();
    expect(client.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(client.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(client.checkIssued(new X509Certificate(clients.certificate))).toBe(true);
  });

  it('goes on with what an earlier run kept', async () => {
    const again = await Authority.load({ certificate: ca.certificate, privateKey: ca.privateKey });
    const server = new X509Certificate((await again.issueServer(['example.com'])).certificate);
    expect(server.verify(new X509Certificate(ca.certificate).publicKey)).toBe(true);
    expect(server.checkIssued(new X509Certificate(ca.certificate))).toBe(true);
  });

  it('keeps special characters of a user name', async () => {
    const { certificate } = await clients.issueClient('Doe, "John" + Söhne', 'A');
    expect(new X509Certificate(certificate).toLegacyObject().subject.CN).toBe('Doe, "John" + Söhne');
  });
});

describe('when a request comes in', () => {
  it('hands named parts of the path to the handler', async () => {
    expect(await call('/accounts/a%20b/keys')).toMatchObject({ status: 200, body: 'a b' });
  });

  it('hands over the body', async () => {
    expect(await call('/echo', { method: 'POST' }, 'hello')).toMatchObject({ status: 201, body: 'hello' });
  });

  it('answers 404 where there is no route, and 500 where a handler fails', async () => {
    expect((await call('/nothing')).status).toBe(404);
    expect((await call('/broken')).body).toContain('broken handler');
  });

  it('knows the user of a client certificate', async () => {
    const pair = await clients.issueClient('admin', 'ABCD');
    const reply = await call('/who', { cert: pair.certificate, key: pair.privateKey });
    expect(JSON.parse(reply.body)).toEqual({ user: 'admin', organisation: 'Orca: ABCD' });
    expect(endpoint.requests.list()).toMatchObject([{ method: 'GET', path: '/who', status: 200, user: 'admin' }]);
  });

  it('lets a client without certificate through and refuses one of another authority', async () => {
    expect(JSON.parse((await call('/who')).body)).toEqual({ user: null, organisation: null });
    const foreign = await ca.issueClient('admin', 'ABCD');
    await expect(call('/who', { cert: foreign.certificate, key: foreign.privateKey })).rejects.toThrow();
  });
});

describe('when the log is asked for', () => {
  it('lists requests without secrets and without the log calls themselves', async () => {
    await call('/accounts/a/keys?password=hunter2&x=1');
    await call('/echo', { method: 'POST' }, 'hunter2');
    const listed = await call('/_sandbox/requests');
    expect(JSON.parse(listed.body)).toMatchObject([
      { method: 'GET', path: '/accounts/a/keys?password=…&x=1', status: 200, bodyBytes: 0 },
      { method: 'POST', path: '/echo', status: 201, bodyBytes: 7 },
    ]);
    expect(listed.body).not.toContain('hunter2');
    expect((await call('/_sandbox/requests', { method: 'DELETE' })).status).toBe(204);
    expect((await call('/_sandbox/requests')).body).toBe('[]');
  });
});

describe('when a fault is ordered', () => {
  const order = (fault: unknown): Promise<Answer> =>
    call('/_sandbox/faults', { method: 'POST' }, JSON.stringify(fault));

  it('answers with a status as often as asked for, then handles again', async () => {
    await order({ match: { method: 'GET', path: '/who' }, count: 2, kind: 'status', status: 503, body: 'busy' });
    expect(await call('/who')).toMatchObject({ status: 503, body: 'busy' });
    expect((await call('/accounts/a/keys')).status).toBe(200);
    expect((await call('/who')).status).toBe(503);
    expect((await call('/who')).status).toBe(200);
  });

  it('drops the connection before the request is handled', async () => {
    await order({ match: { path: '^/e.ho$' }, kind: 'reset' });
    await expect(call('/echo', { method: 'POST' }, 'x')).rejects.toThrow();
    expect(endpoint.requests.list()).toMatchObject([{ path: '/echo', status: 0, fault: 'reset' }]);
  });

  it('loses the reply of a request it has handled', async () => {
    await order({ kind: 'reset', after: true });
    await expect(call('/echo', { method: 'POST' }, 'x')).rejects.toThrow();
    expect(endpoint.requests.list()).toMatchObject([{ path: '/echo', status: 201, fault: 'reset' }]);
  });

  it('cuts a reply short', async () => {
    await order({ kind: 'truncate' });
    await expect(call('/accounts/long-name/keys')).rejects.toThrow();
  });

  it('delays and still answers', async () => {
    await order({ kind: 'delay', delayMs: 5 });
    expect((await call('/who')).status).toBe(200);
  });

  it('lists what is still to come, and forgets it', async () => {
    await order({ kind: 'status', count: 3 });
    await call('/who');
    expect(JSON.parse((await call('/_sandbox/faults')).body)).toMatchObject([{ kind: 'status', count: 2 }]);
    await call('/_sandbox/faults', { method: 'DELETE' });
    expect((await call('/who')).status).toBe(200);
  });

  it.each([{}, { kind: 'explode' }, { kind: 'reset', count: 0 }, { kind: 'reset', match: { path: '^(' } }])(
    'refuses %j',
    async (fault) => {
      expect((await order(fault)).status).toBe(400);
      expect(endpoint.faults.pending()).toEqual([]);
    },
  );
});
