import {
  type HttpResponse,
  redact,
  redactUrl,
  serverErrorCodes,
  serverMessage,
  checkHostAddress,
} from '../../src/http';

function response(body: unknown, status = 400, headers: Record<string, string> = {}): HttpResponse {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return {
    status,
    headers,
    bytes,
    request: 'GET https://host/',
    host: 'host',
    text: () => bytes.toString(),
    json: (): unknown => JSON.parse(bytes.toString()),
  };
}

describe('when a server says what is wrong', () => {
  it.each([
    [
      'Docker engine',
      { message: 'image did not meet required signing policy' },
      'image did not meet required signing policy',
      [],
    ],
    [
      'eNZi, DTR, registry',
      { errors: [{ code: 'NOT_AUTHENTICATED', message: 'The client is not authenticated.', detail: '' }] },
      'NOT_AUTHENTICATED: The client is not authenticated.',
      ['NOT_AUTHENTICATED'],
    ],
    [
      'several errors',
      {
        errors: [
          { code: 'A', message: 'one' },
          { code: 'B', message: 'two', detail: 'more' },
        ],
      },
      'A: one; B: two (more)',
      ['A', 'B'],
    ],
    [
      'eNZi alone',
      { code: 'NO_SUCH_ACCOUNT', message: 'no such account', detail: {} },
      'NO_SUCH_ACCOUNT: no such account',
      ['NO_SUCH_ACCOUNT'],
    ],
    [
      'Notary',
      {
        errors: [
          {
            code: 'INVALID_UPDATE',
            message: 'Update sent by the client is invalid.',
            detail: { Name: 'ErrBadTargets', Error: { Msg: 'bad' } },
          },
        ],
      },
      'INVALID_UPDATE: Update sent by the client is invalid. ({"Name":"ErrBadTargets","Error":{"Msg":"bad"}})',
      ['INVALID_UPDATE'],
    ],
    ['DTR health', { Error: 'rethinkdb is down', Healthy: false }, 'rethinkdb is down', []],
    ['plain text', 'invalid\n  config', 'invalid config', []],
    [
      'HTML',
      '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>x</body></html>',
      'an HTML page: 502 Bad Gateway',
      [],
    ],
    ['HTML without title', '<html><body><h1>No &amp; no</h1></body></html>', 'an HTML page: No & no', []],
    ['nothing', '', 'an empty answer with status 400', []],
    ['JSON of another shape', '["x"]', '["x"]', []],
  ])('understands %s', (_, body, message, codes) => {
    expect(serverMessage(response(body))).toBe(message);
    expect(serverErrorCodes(response(body))).toEqual(codes);
  });

  it('says where a redirect leads', () => {
    expect(serverMessage(response('', 302, { location: 'https://u:p4ss@login.example.com/' }))).toBe(
      'a redirect to https://[redacted]@login.example.com/',
    );
  });

  it('cuts what is long and drops what is secret', () => {
    expect(serverMessage(response('x'.repeat(10_000))).length).toBeLessThan(700);
    expect(serverMessage(response({ message: 'near passphrase = "verysecret"' }))).toBe(
      'near passphrase = "[redacted]"',
    );
  });
});

describe('when a text may hold secrets', () => {
  const secret = 'v3ry/S3cret';
  it.each([
    `Authorization: Bearer ${secret}`,
    `authorization: Basic ${secret}==`,
    `{"username":"admin","password":"${secret}"}`,
    `{"auth_token": "${secret}"}`,
    `passphrase = "${secret}"`,
    `password='${secret}'`,
    `clientSecret = "${secret} with \\"quotes\\" ${secret}"`,
    `[auth] token = "${secret}`,
    `https://admin:${encodeURIComponent(secret)}@ucp.example.com/`,
    `?account=admin&password=${secret}&service=x`,
    `-----BEGIN EC PRIVATE KEY-----\n${secret}\n-----END EC PRIVATE KEY-----`,
    `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${secret}`,
  ])('takes it out of %j', (text) => {
    expect(redact(text)).not.toContain('S3cret');
    expect(redact(text)).toContain('redacted');
  });

  it('takes out JSON web tokens and named secrets', () => {
    expect(redact('token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.c2ln!')).toBe('token [token redacted]!');
    expect(redact('line 3: value hunter22 is odd', ['', 'hunter2', 'hunter22'])).toBe(
      'line 3: value [redacted] is odd',
    );
  });

  it('leaves the rest alone', () => {
    const text =
      'GET https://dtr.example.com/v2/admin/trustdemo/manifests/1: 404 (MANIFEST_UNKNOWN: manifest unknown), token expired';
    expect(redact(text)).toBe(text);
    expect(redact('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----')).toContain('MIIB');
  });

  it('cleans URLs for logs', () => {
    expect(redactUrl('https://a:b@h/p?access_token=x&service=dtr')).toBe(
      'https://h/p?access_token=redacted&service=dtr',
    );
  });
});

describe('when a host address is given', () => {
  it.each(['dtr.example.com', 'dtr.example.com:4443', '10.0.0.1:443', '[::1]:5000', 'localhost'])(
    'takes %s',
    (value) => {
      expect(checkHostAddress(value)).toBe(value);
    },
  );

  it.each([
    ['https://dtr.example.com', 'it starts with a scheme'],
    ['dtr.example.com/', 'it has a slash in it'],
    ['dtr.example.com/admin', 'it has a slash in it'],
    ['', 'it is empty'],
    ['dtr example', 'it has a space in it'],
    ['dtr.example.com:0', 'port 0 does not exist'],
    ['dtr.example.com:70000', 'it is not a host name or IP address with an optional port'],
    ['-dtr', 'it is not a host name or IP address with an optional port'],
    ['admin:pa55@dtr', 'it holds a user name'],
  ])('refuses %s', (value, why) => {
    const check = (): string => checkHostAddress(value, 'registry host address');
    expect(check).toThrow(`is not a registry host address: ${why}.`);
    expect(check).not.toThrow('pa55');
  });
});
