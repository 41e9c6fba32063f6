import { HttpClient, type HttpOptions, type RequestLog } from '../../src/http';
import { type IssuedCertificate, type TestAuthority, testAuthority } from '../support/certificates';
import { type TestHandler, type TlsTestServer, startTlsServer } from '../support/tls-server';

let authority: TestAuthority;
let certificate: IssuedCertificate;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  authority = await testAuthority();
  certificate = await authority.issue();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function serve(handler: TestHandler): Promise<TlsTestServer> {
  const server = await startTlsServer({ certificate }, handler);
  open.push(server);
  return server;
}

function clientOf(server: TlsTestServer, options: HttpOptions = {}): HttpClient {
  const client = new HttpClient(
    { url: server.url, caBundle: authority.certificate },
    { sleep: () => Promise.resolve(), ...options },
  );
  open.push(client);
  return client;
}

describe('when a server answers', () => {
  it('gives status, headers and body, whatever the status', async () => {
    const server = await serve(() => ({ status: 418, headers: { 'X-Kind': 'teapot' }, body: { short: true } }));
    const response = await clientOf(server).request({
      method: 'GET',
      path: '/pot',
      query: { a: 1, b: ['x', 'y'], c: undefined },
    });
    expect(response.status).toBe(418);
    expect(response.headers['x-kind']).toBe('teapot');
    expect(response.json()).toEqual({ short: true });
    expect(response.text()).toBe('{"short":true}');
    expect(response.request).toBe(`GET ${server.url}/pot?a=1&b=x&b=y`);
    expect(server.requests[0]?.path).toBe('/pot?a=1&b=x&b=y');
  });

  it('sends text, bytes and multipart bodies', async () => {
    const server = await serve(() => ({}));
    const client = clientOf(server);
    await client.request({ method: 'POST', path: '/', body: 'grüße', headers: { 'content-type': 'text/plain' } });
    await client.request({ method: 'PUT', path: '/', body: Buffer.from([0, 255]) });
    const part = {
      name: 'files',
      filename: 'targets/alice',
      contentType: 'application/octet-stream',
      bytes: Buffer.from('{}'),
    };
    await client.request({ method: 'POST', path: '/', body: [part, { ...part, filename: 'snap"shot' }] });
    await client.request({ method: 'POST', path: '/', body: [] });
    const [text, bytes, form, empty] = server.requests;
    expect(text?.body.toString()).toBe('grüße');
    expect(text?.headers['content-type']).toBe('text/plain');
    expect(bytes?.body).toEqual(Buffer.from([0, 255]));
    const boundary = /^multipart\/form-data; boundary=([0-9a-f]{60})$/.exec(form?.headers['content-type'] ?? '')?.[1];
    expect(form?.body.toString()).toBe(
      `--${boundary!}\r\nContent-Disposition: form-data; name="files"; filename="targets/alice"\r\n` +
        'Content-Type: application/octet-stream\r\n\r\n{}' +
        `\r\n--${boundary!}\r\nContent-Disposition: form-data; name="files"; filename="snap\\"shot"\r\n` +
        `Content-Type: application/octet-stream\r\n\r\n{}\r\n--${boundary!}--\r\n`,
    );
    expect(empty?.body).toHaveLength(68); // what docker sends when nothing changed
  });

  it('keeps the connection for the next request', async () => {
    const server = await serve(() => ({ body: 'x' }));
    const client = clientOf(server);
    for (let n = 0; n < 5; n += 1) await client.request({ method: 'GET', path: '/' });
    expect(server.connections()).toBe(1);
    expect(client.requestCount).toBe(5);
  });

  it('follows no redirect', async () => {
    const server = await serve(() => ({ status: 307, headers: { location: 'https://elsewhere.example/' } }));
    const response = await clientOf(server).request({
      method: 'GET',
      path: '/',
      headers: { authorization: 'Bearer abcdef' },
    });
    expect(response.status).toBe(307);
    expect(server.requests).toHaveLength(1);
  });

  it('stops reading an answer that is too long', async () => {
    let sent = 0;
    const server = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && sent < 64 * 1024 * 1024 && response.write(Buffer.alloc(65_536))) sent += 65_536;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
      return undefined;
    });
    await expect(clientOf(server).request({ method: 'GET', path: '/big', maxBytes: 100_000 })).rejects.toMatchObject({
      code: 'too_large',
      message: `GET ${server.url}/big: the answer is longer than 100000 bytes; the rest was not read.`,
    });
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });
});

describe('when a server says "not now"', () => {
  it.each([429, 502, 503, 504])('repeats a GET after %i', async (status) => {
    let calls = 0;
    const server = await serve(() => ({ status: (calls += 1) < 3 ? status : 200 }));
    const response = await clientOf(server).request({ method: 'GET', path: '/' });
    expect(response.status).toBe(200);
    expect(server.requests).toHaveLength(3);
  });

  it('gives the answer itself when retries are used up', async () => {
    const server = await serve(() => ({ status: 503, body: 'busy' }));
    const response = await clientOf(server, { maxRetries: 2 }).request({ method: 'GET', path: '/' });
    expect(response.text()).toBe('busy');
    expect(server.requests).toHaveLength(3);
  });

  it('does not repeat a POST, unless told that it is safe', async () => {
    const server = await serve(() => ({ status: 503 }));
    const client = clientOf(server, { maxRetries: 1 });
    await client.request({ method: 'POST', path: '/once' });
    await client.request({ method: 'POST', path: '/twice', safeToRetry: true });
    expect(server.requests.map(({ path }) => path)).toEqual(['/once', '/twice', '/twice']);
  });

  it('does not repeat other statuses', async () => {
    const server = await serve(() => ({ status: 500 }));
    await clientOf(server).request({ method: 'GET', path: '/' });
    expect(server.requests).toHaveLength(1);
  });

  it('waits longer each time, with jitter, or as long as the server asks', async () => {
    const waits: number[] = [];
    const sleep = (milliseconds: number): Promise<void> => {
      waits.push(milliseconds);
      return Promise.resolve();
    };
    let calls = 0;
    const server = await serve(() => ({ status: 503, headers: { 'retry-after': (calls += 1) === 4 ? '7' : 'soon' } }));
    await clientOf(server, { sleep, random: () => 0.5 }).request({ method: 'GET', path: '/' });
    expect(waits).toEqual([150, 300, 600, 7000]);
  });
});

describe('when the connection breaks', () => {
  it('repeats a GET and not a POST', async () => {
    const server = await serve((_, response) => {
      response.destroy();
      return undefined;
    });
    const client = clientOf(server, { maxRetries: 2 });
    await expect(client.request({ method: 'GET', path: '/get' })).rejects.toMatchObject({
      code: 'reset',
      host: server.host,
    });
    await expect(client.request({ method: 'POST', path: '/post' })).rejects.toMatchObject({ code: 'reset' });
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'POST']);
  });

  it('notices a body that is cut off', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
      return undefined;
    });
    await expect(clientOf(server, { maxRetries: 0 }).request({ method: 'GET', path: '/' })).rejects.toMatchObject({
      code: 'reset',
    });
  });

  it('gives up on an answer that does not come', async () => {
    const server = await serve(() => undefined);
    await expect(
      clientOf(server, { maxRetries: 0 }).request({ method: 'GET', path: '/slow', timeoutSeconds: 0.2 }),
    ).rejects.toMatchObject({
      code: 'timeout',
      message: `GET ${server.url}/slow: ${server.host} did not send its answer within 0.2 s.`,
    });
  });
});

describe('when the caller stops', () => {
  it('ends the request', async () => {
    const controller = new AbortController();
    const server = await serve(() => {
      controller.abort();
      return undefined;
    });
    await expect(
      clientOf(server).request({ method: 'GET', path: '/', signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'aborted' });
    expect(server.requests).toHaveLength(1);
  });

  it('ends the wait for the next attempt', async () => {
    const controller = new AbortController();
    const server = await serve(() => {
      setTimeout(() => {
        controller.abort();
      }, 20);
      return { status: 503, headers: { 'retry-after': '30' } };
    });
    const client = new HttpClient({ url: server.url, caBundle: authority.certificate });
    open.push(client);
    await expect(client.request({ method: 'GET', path: '/', signal: controller.signal })).rejects.toMatchObject({
      code: 'aborted',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('sends nothing when it had already stopped', async () => {
    const server = await serve(() => ({}));
    await expect(
      clientOf(server).request({ method: 'GET', path: '/', signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'aborted' });
    expect(server.requests).toHaveLength(0);
  });
});

describe('when requests are logged', () => {
  it('tells of every attempt and of no secret', async () => {
    const lines: RequestLog[] = [];
    let calls = 0;
    const server = await serve((_, response) => {
      calls += 1;
      if (calls > 1) return { status: 204 };
      response.destroy();
      return undefined;
    });
    await clientOf(server, { log: (line) => lines.push(line) }).request({
      method: 'GET',
      path: '/auth/token',
      query: { service: 'dtr', access_token: 's3cret' },
      headers: { authorization: 'Basic czNjcmV0' },
    });
    const url = `${server.url}/auth/token?service=dtr&access_token=redacted`;
    expect(lines).toEqual([
      { method: 'GET', url, attempt: 1, failure: 'reset', milliseconds: expect.any(Number) as number },
      { method: 'GET', url, attempt: 2, status: 204, milliseconds: expect.any(Number) as number },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/s3cret|czNjcmV0/);
  });
});
