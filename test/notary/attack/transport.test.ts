import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { PrivateKey } from '../../../src/notary';
import { forge, plan } from '../forge';
import { type Answer, HostileServer } from './hostile-server';

let server: HostileServer;
beforeAll(async () => {
  server = await HostileServer.start();
});
afterAll(() => server.close());

const base = plan();
const sound = forge(base);
const root = Buffer.from(sound.roots[0] ?? '');
const timestamp = Buffer.from(sound.timestamp);
const MEGABYTE = Buffer.alloc(1024 * 1024, ' ');

const reply =
  (status: number, headers: Record<string, string>, body: string | Buffer = ''): Answer =>
  (response) =>
    void response.writeHead(status, headers).end(body);

const headersOnly: Answer = (response) => {
  response.writeHead(200).flushHeaders();
};

const inTwo: Answer = (response) => {
  response.write(root.subarray(0, 10));
  response.end(root.subarray(10));
};

/** Sends without an end, as fast as it is taken; counts the megabytes. */
let sent = 0;
const endless: Answer = (response: ServerResponse) => {
  const more = (): void => {
    while (!response.destroyed && sent < 1000 && response.write(MEGABYTE)) sent++;
  };
  response.on('drain', more);
  more();
};

const inRoot = (member: string): string => root.toString().replace('"_type"', `${member},"_type"`);
const deep = (bracket: string): string => inRoot(`"x":${bracket.repeat(200_000)}`);

const ATTACKS: [what: string, code: string, over: Record<string, Answer>][] = [
  ['a web page for the root', 'not_a_notary_server', { root: '<!DOCTYPE html><title>Sign in</title>' }],
  ['a web page for targets', 'not_a_notary_server', { targets: '<html><body>Gateway</body></html>' }],
  ['a 404 that is not Notary’s', 'not_a_notary_server', { root: reply(404, {}, '404 page not found') }],
  ['a redirect', 'redirected', { root: reply(302, { location: 'https://elsewhere.test/root.json' }) }],
  ['a redirect of one file only', 'redirected', { targets: reply(301, { location: 'http://127.0.0.1:1/' }) }],
  ['a packed root', 'unasked_encoding', { root: reply(200, { 'content-encoding': 'gzip' }, gzipSync(root)) }],
  [
    'a bomb: 64 MiB of zeros, packed',
    'unasked_encoding',
    { timestamp: reply(200, { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(64 * 1024 * 1024))) },
  ],
  ['a root without end', 'too_large', { root: endless }],
  ['a timestamp without end', 'too_large', { timestamp: endless }],
  ['targets without end', 'too_large', { targets: endless }],
  ['an older root without end', 'too_large', { '2.root.json': endless }],
  ['a root longer than one is read', 'too_large', { root: reply(200, {}, MEGABYTE.toString() + '{}') }],
  ['nothing', 'malformed_document', { root: '' }],
  ['NUL', 'malformed_document', { root: '\0'.repeat(1000) }],
  ['NUL behind the document', 'malformed_document', { root: `${root.toString()}\0` }],
  ['invalid UTF-8', 'malformed_document', { root: Buffer.concat([root.subarray(0, 20), Buffer.from([0xff, 0xc0])]) }],
  ['an overlong encoding', 'malformed_document', { root: Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x7d]) }],
  ['a surrogate in UTF-8', 'malformed_document', { root: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]) }],
  ['a byte order mark', 'malformed_document', { root: `\ufeff${root.toString()}` }],
  ['UTF-16', 'malformed_document', { root: Buffer.from(root.toString(), 'utf16le') }],
  ['lists nested without end', 'malformed_document', { root: deep('[') }],
  ['objects nested without end', 'malformed_document', { root: deep('{"a":') }],
  ['a key twice', 'malformed_document', { root: inRoot('"_type":"Targets"') }],
  ['a key twice, once behind an escape', 'malformed_document', { root: inRoot('"_t\\u0079pe":"Root"') }],
  ['a key twice in other letters', 'malformed_document', { root: inRoot('"_Type":"Root"') }],
  ['__proto__ as a key', 'bad_signature', { root: inRoot('"__proto__":{"expires":"2099-01-01T00:00:00Z"}') }],
  ['constructor as a key', 'bad_signature', { root: inRoot('"constructor":{"prototype":{"version":9}}') }],
  [
    'an error that nests without end',
    'server_failed',
    { root: reply(500, {}, `{"errors":[{"detail":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}`) },
  ],
  ['an error of one word of a megabyte', 'server_failed', { root: reply(500, {}, 'a'.repeat(1024 * 1024)) }],
  ['an error page of openings', 'server_failed', { root: reply(500, {}, `<html>${'<head'.repeat(200_000)}`) }],
  [
    'an error with a __proto__',
    'server_failed',
    { root: reply(500, {}, '{"__proto__":{"errors":[{"code":"METADATA_NOT_FOUND"}]}}') },
  ],
];

describe('when a server answers with something else than trust data', () => {
  test.each(ATTACKS)('%s: %s', async (_what, code, over) => {
    server.serve(sound, over);
    sent = 0;
    const before = process.memoryUsage().arrayBuffers;
    const expectedRootKeyIds = '2.root.json' in over ? { expectedRootKeyIds: ['0'.repeat(64)] } : {};
    await expect(server.with((repository) => repository.read(expectedRootKeyIds))).rejects.toMatchObject({ code });
    expect(sent).toBeLessThan(20);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 1024 * 1024);
    const keys = base.targets.map(({ secret }) => secret);
    const change = server.with(
      (repository) =>
        repository.change((draft) => draft.addSigner('eve', [PrivateKey.generate().publicKey]), expectedRootKeyIds),
      { keys },
    );
    await expect(change).rejects.toMatchObject({ code });
    expect(server.publishes).toBe(0);
    expect(({} as Record<string, unknown>)['expires']).toBeUndefined();
  });

  test.each<[string, string, Answer]>([
    ['never', 'timeout', () => undefined],
    ['with headers only', 'timeout', headersOnly],
    [
      'and stops in the middle',
      'timeout',
      (response) => void response.writeHead(200, { 'content-length': root.length }).write(root.subarray(0, 9)),
    ],
    [
      'and hangs up in the middle',
      'reset',
      (response) =>
        void response
          .writeHead(200, { 'content-length': root.length })
          .write(root.subarray(0, 9), () => response.destroy()),
    ],
    [
      'a byte at a time',
      'timeout',
      (response) => {
        const timer = setInterval(() => void response.write(' '), 50);
        response.on('close', () => {
          clearInterval(timer);
        });
      },
    ],
  ])('a server that answers %s is given up: %s', async (_what, code, answer) => {
    server.serve(sound, { root: answer });
    const read = server.with((repository) => repository.read(), { timeoutSeconds: 0.5 });
    await expect(read).rejects.toMatchObject({ code });
  });

  test.each<[string, Record<string, Answer>]>([
    ['another content type', { root: reply(200, { 'content-type': 'text/html' }, root) }],
    ['no announced length', { root: inTwo }],
    ['white space around what nothing hashes', { timestamp: Buffer.concat([Buffer.from(' \n'), timestamp]) }],
  ])('%s is as harmless as it is to docker', async (_what, over) => {
    server.serve(sound, over);
    await expect(server.with((repository) => repository.read())).resolves.toMatchObject({ versions: { root: 3 } });
  });
});
