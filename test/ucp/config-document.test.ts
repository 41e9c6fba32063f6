import { testAuthority } from '../support/certificates';
import { type TlsTestServer, startTlsServer } from '../support/tls-server';
import { type FakeUcp, edits, startFakeUcp } from './fake-ucp';

const toml =
  '[auth.scim]\n  token = "verysecret"\n\n[trust_configuration]\n  require_content_trust = false\n  require_signature_from = []\n';
const path = '/api/ucp/config-toml';
let ca: string;
let ucp: FakeUcp;

beforeAll(async () => {
  ca = (await testAuthority('DTR CA')).certificate;
});
beforeEach(async () => {
  ucp = await startFakeUcp(toml);
});
afterEach(() => ucp.close());

const puts = (): number => ucp.calls().filter((call) => call.startsWith('PUT')).length;

describe('when the signing policy is changed', () => {
  it('reads, reads again, writes and reads back', async () => {
    await (await ucp.client()).setTrustPolicy({ requireContentTrust: true });
    expect(ucp.calls()).toEqual([`GET ${path}`, `GET ${path}`, `PUT ${path}`, `GET ${path}`]);
    expect(ucp.toml).toBe(toml.replace('require_content_trust = false', 'require_content_trust = true'));
    expect(ucp.server.requests[2]?.headers['content-type']).toBe('application/toml');
  });

  it('writes nothing when it is so already', async () => {
    await (await ucp.client()).setTrustPolicy({ requireContentTrust: false, requireSignatureFrom: [] });
    expect(ucp.calls()).toEqual([`GET ${path}`]);
  });
});

describe('when several changes are in flight', () => {
  it('writes them at once, and one that is refused does not hold up the others', async () => {
    ucp.toml = `[[registries]]\n  host_address = "own"\n  service_id = "x"\n\n[[registries]]\n  host_address = "old"\n\n${toml}`;
    const client = await ucp.client({
      http: { sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 20))) },
    });
    const results = await Promise.allSettled([
      client.setTrustPolicy({ requireContentTrust: true }),
      client.unregister('own'),
      client.unregister('old'),
      client.setTrustPolicy({ requireSignatureFrom: ['team'] }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'ucp_registration_has_service_id' } });
    expect(puts()).toBe(1);
    expect(await client.trustPolicy()).toEqual({
      requireContentTrust: true,
      requireSignatureFrom: ['team'],
      allowRepositories: undefined,
    });
    expect(ucp.toml).not.toContain('"old"');
  });

  it('does not let a registration and a write of the document meet', async () => {
    const client = await ucp.client();
    await Promise.all([
      client.setTrustPolicy({ requireContentTrust: true }),
      ...['a', 'b', 'c'].map((name) => client.register({ hostAddress: `${name}.example.com`, caBundle: ca })),
      client.setTrustPolicy({ requireSignatureFrom: ['team'] }),
    ]);
    expect((await client.registries()).map(({ hostAddress }) => hostAddress)).toEqual([
      'a.example.com',
      'b.example.com',
      'c.example.com',
    ]);
    expect(await client.trustPolicy()).toMatchObject({ requireContentTrust: true, requireSignatureFrom: ['team'] });
  });

  it('drops a change that was stopped while it waited', async () => {
    const client = await ucp.client();
    await expect(client.setTrustPolicy({ requireContentTrust: true }, AbortSignal.abort())).rejects.toMatchObject({
      code: 'stopped',
    });
    expect(puts()).toBe(0);
  });
});

describe('when somebody else writes too', () => {
  it('starts again when they wrote between reading and writing', async () => {
    let gets = 0;
    ucp.intercept = ({ method }) => {
      if (method === 'GET' && (gets += 1) === 2) ucp.toml = `# theirs\n${ucp.toml}`;
      return undefined;
    };
    await (await ucp.client()).setTrustPolicy({ requireContentTrust: true });
    expect(ucp.toml).toBe(`# theirs\n${toml.replace('= false', '= true')}`);
    expect(puts()).toBe(1);
  });

  it('makes the change again when they overwrote it', async () => {
    let theirs = 2;
    ucp.afterPut = () => {
      if ((theirs -= 1) >= 0) ucp.toml = edits.setTrustPolicy(toml, { requireSignatureFrom: [`theirs-${theirs}`] });
    };
    await (await ucp.client()).setTrustPolicy({ requireContentTrust: true });
    expect(ucp.toml).toBe(
      edits.setTrustPolicy(toml, { requireContentTrust: true, requireSignatureFrom: ['theirs-0'] }),
    );
    expect(puts()).toBe(3);
  });

  it('gives up in the end, and says so', async () => {
    ucp.afterPut = () => {
      ucp.toml = `# ${puts()}\n${toml}`;
    };
    await expect((await ucp.client()).setTrustPolicy({ requireContentTrust: true })).rejects.toMatchObject({
      code: 'ucp_config_not_applied',
      message:
        `Cluster "cluster2" (${ucp.server.host}): the configuration was written (changing the signing policy), but ` +
        'it shows other values than were written, 6 times.',
    });
  });
});

describe('when UCP restarts after a write', () => {
  it('waits until it is back and shows the change, and tells of it', async () => {
    const lines: string[] = [];
    let shown = 6;
    ucp.afterPut = () => {
      const after = ucp.toml;
      ucp.toml = toml;
      ucp.intercept = () => {
        shown -= 1;
        if (shown === 0) ucp.toml = after;
        return shown > 2 ? { status: 503, body: 'starting' } : undefined;
      };
    };
    const client = await ucp.client({ log: (line) => lines.push(line) });
    await client.setTrustPolicy({ requireContentTrust: true });
    expect(puts()).toBe(1);
    expect(lines[0]).toMatch(
      /^cluster "cluster2" \(127\.0\.0\.1:\d+\): waiting for the change of its configuration to show/,
    );
  });

  it('waits for a server that is not there at all', async () => {
    const certificate = await ucp.authority.issue();
    let waits = 0;
    let again: TlsTestServer | undefined;
    const sleep = async (): Promise<void> => {
      // Down once the write is answered, up again some looks later.
      if (puts() === 1 && (waits += 1) === 3) {
        again = await startTlsServer({ certificate, port: ucp.server.port }, () => ({ body: ucp.toml }));
      }
    };
    const client = await ucp.client({ http: { maxRetries: 0, sleep } });
    ucp.afterPut = () => {
      const after = ucp.toml;
      ucp.toml = toml;
      ucp.intercept = () => {
        ucp.toml = after;
        setImmediate(() => void ucp.server.close());
        return { status: 503 };
      };
    };
    await client.setTrustPolicy({ requireContentTrust: true });
    expect(again?.requests.length).toBeGreaterThan(0);
    await client.close();
    await again?.close();
  });

  it('takes a write whose answer was lost for done when it shows', async () => {
    ucp.intercept = (request) => {
      if (request.method !== 'PUT') return undefined;
      ucp.toml = request.body.toString();
      return { status: 504, body: 'gateway' };
    };
    await (await ucp.client()).setTrustPolicy({ requireContentTrust: true });
    expect(puts()).toBe(1);
  });

  it('writes again when the write itself was lost', async () => {
    ucp.intercept = (request) => (request.method === 'PUT' && puts() === 1 ? { status: 502 } : undefined);
    await (await ucp.client()).setTrustPolicy({ requireContentTrust: true });
    expect(puts()).toBe(2);
  });

  it('says so when the change never shows', async () => {
    ucp.afterPut = () => {
      ucp.toml = toml;
    };
    await expect(
      (await ucp.client({ settleSeconds: 5 })).setTrustPolicy({ requireContentTrust: true }),
    ).rejects.toMatchObject({
      code: 'ucp_config_not_applied',
      message: expect.stringContaining('but it still shows the former values.') as string,
    });
    expect(puts()).toBe(1);
  });
});

describe('when UCP refuses the document', () => {
  it("passes on its words without the document's secrets", async () => {
    ucp.intercept = ({ method }) =>
      method === 'PUT'
        ? { status: 400, body: { message: 'toml: line 2: token "verysecret" is bad, verysecret!' } }
        : undefined;
    await expect((await ucp.client()).setTrustPolicy({ requireContentTrust: true })).rejects.toMatchObject({
      code: 'ucp_refused',
      message:
        `Cluster "cluster2" (${ucp.server.host}): writing the configuration (changing the signing policy) was refused with ` +
        'status 400: toml: line 2: token "[redacted]" is bad, [redacted]!',
    });
    expect(ucp.toml).toBe(toml);
  });

  it('sends nothing when the document cannot be read', async () => {
    ucp.toml = '// not TOML\npassword = "verysecret"';
    await expect((await ucp.client()).setTrustPolicy({ requireContentTrust: true })).rejects.toMatchObject({
      code: 'ucp_config_unreadable',
    });
    ucp.intercept = () => ({ body: Buffer.from([0x61, 0xff, 0xfe]) });
    await expect((await ucp.client()).trustPolicy()).rejects.toMatchObject({ code: 'ucp_config_unreadable' });
    expect(puts()).toBe(0);
  });
});
