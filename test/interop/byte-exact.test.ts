import { HttpClient } from '../../src/http';
import { type DraftNote, keysAtHand, PrivateKey, TrustRepository } from '../../src/notary';
import { canonical, exact, inDays, type Json, sha256, type Signed } from '../contract/handmade';
import { HandmadeRepository, type Variation } from '../contract/repository';
import type { Operator } from './docker';
import { describeInterop } from './programs';
import { startTrustStack, type TrustStack } from './stack';

// Ways to write targets, and what notary-server and docker make of them: the server takes nearly all, hashes its own
// serialisation, and docker then looks for a file that nobody has. Written with nothing of src/notary.
describeInterop('targets in one form or another, on notary-server', () => {
  let stack: TrustStack;
  let docker: Operator;
  let made = 0;
  beforeAll(async () => {
    stack = await startTrustStack();
    docker = await stack.operator('reader');
  });
  afterAll(() => stack.close());

  const sha = (digit: string): string => Buffer.from(digit.repeat(64), 'hex').toString('base64');
  const v1 = { hashes: { sha256: sha('1') }, length: 422 };
  const time = inDays(100).replace(/(\.\d+)?Z$/, '');
  const role = (more: Signed): Json => ({ keyids: null, name: 'targets/releases', threshold: 1, ...more });
  const withRole = (more: Signed): Variation => ({ change: { delegations: { keys: {}, roles: [role(more)] } } });
  const withTarget = (name: string, more: Signed = {}): Signed => ({ targets: { v1, [name]: { ...v1, ...more } } });
  const escaped = (signed: Signed, signatures: Json): string =>
    exact(signed, signatures).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
  const backwards = (signed: Signed): Signed =>
    Object.fromEntries(Object.entries(signed).sort(([a], [b]) => (a < b ? 1 : -1)));
  const withKey = (keyval: Signed): Variation => ({
    change: { delegations: { keys: { ['0'.repeat(64)]: { keytype: 'ecdsa', keyval } }, roles: [] } },
  });
  const point = 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE';
  const custom = '{"z":1,"a":{"y":[],"b":""}}';

  async function publish(
    variation: Variation,
  ): Promise<{ repository: HandmadeRepository; status: number; body: string; sent: string }> {
    const { url, hostAddress } = stack;
    const server = { url, hostAddress, caBundle: stack.authority.caBundle, close: () => Promise.resolve() };
    const repository = await HandmadeRepository.create(server, `admin/exact${made++}`);
    const sent = repository.targets(2, { ...variation, change: { targets: { v1 }, ...variation.change } });
    return { repository, sent, ...(await repository.publish({ targets: sent })) };
  }

  test.each<[string, Variation]>([
    ['as Go writes it', {}],
    ['a time in milliseconds without trailing zeros', { change: { expires: `${time}.12Z` } }],
    ['a time without a fraction', { change: { expires: `${time}Z` } }],
    ['null for no key IDs', withRole({ paths: [''] })],
    ['an empty list of key IDs', withRole({ keyids: [], paths: [''] })],
    ['null for no roles', { change: { delegations: { keys: {}, roles: null } } }],
    ['no paths', withRole({})],
    ['&, < and > escaped', { change: withTarget('<a&b>'), write: escaped }],
    ['a name in plain UTF-8', { change: withTarget('é😀') }],
    [
      'custom data in any order',
      {
        change: withTarget('v2', { custom: { a: { b: '', y: [] }, z: 1 } }),
        write: (signed, signatures) => exact(signed, signatures).replace(/"custom":\{.*?\}.*?\}/, `"custom":${custom}`),
      },
    ],
  ])('%s: the hash in force is that of the bytes, and docker reads it', async (_form, variation) => {
    const { repository, status, sent } = await publish(variation);
    expect(status).toBe(200);
    expect(await repository.hashInForce('targets')).toBe(sha256(sent));
    const { SignedTags } = await docker.inspect(repository.gun);
    expect(SignedTags.map(({ SignedTag }) => SignedTag)).toContain('v1');
  });

  test.each<[string, Variation]>([
    ['a fraction with a trailing zero', { change: { expires: `${time}.120Z` } }],
    ['a fraction of zeros', { change: { expires: `${time}.000Z` } }],
    ['+00:00 for Z', { change: { expires: `${time}+00:00` } }],
    ['a newline at the end', { write: (signed, signatures) => `${exact(signed, signatures)}\n` }],
    ['white space', { write: (signed, signatures) => JSON.stringify({ signed, signatures }, null, 2) }],
    [
      'signatures first',
      { write: (signed, signatures) => `{"signatures":${JSON.stringify(signatures)},"signed":${canonical(signed)}}` },
    ],
    [
      'fields in another order',
      { write: (signed, signatures) => JSON.stringify({ signed: backwards(signed), signatures }) },
    ],
    ['a field that Go does not know', { change: { note: 'x' } }],
    ['a key without "private"', withKey({ public: point })],
    ['no delegations', { leaveOut: 'delegations' }],
    ['null for no paths', withRole({ paths: null })],
    ['&, < and > as they are', { change: withTarget('<a&b>') }],
  ])('%s: it is taken, and docker cannot read it, until we sign it again', async (_form, variation) => {
    const { repository, status, sent } = await publish(variation);
    expect(status).toBe(200);
    const inForce = await repository.hashInForce('targets');
    expect(inForce).not.toBe(sha256(sent));
    expect((await repository.get(`targets.${inForce ?? ''}.json`)).status).toBe(404);
    await expect(docker.inspect(repository.gun)).rejects.toThrow(/no signatures or cannot access/);
    const notes = await heal(repository);
    expect(notes.map(({ code }) => code)).toEqual(['healed']);
    const { SignedTags } = await docker.inspect(repository.gun);
    expect(SignedTags.map(({ SignedTag }) => SignedTag)).toContain('v1');
  });

  test('a signature whose base64 is not padded is refused', async () => {
    const write = (signed: Signed, signatures: Json) => exact(signed, signatures).replace(/=+"\}\]/, '"}]');
    const { status, body } = await publish({ write });
    expect([status, body]).toEqual([400, expect.stringContaining('MALFORMED_JSON')]);
  });

  async function heal({ gun, targetsKey }: HandmadeRepository): Promise<DraftNote[]> {
    const key = PrivateKey.fromPem(targetsKey.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), {
      label: 'targets',
    });
    const http = new HttpClient({ url: stack.url, caBundle: stack.authority.caBundle });
    let notes: DraftNote[] = [];
    try {
      const repository = new TrustRepository(gun, { http, keys: keysAtHand(undefined, [key]) });
      await repository.change(async (draft) => {
        notes = await draft.heal();
      });
      return notes;
    } finally {
      await http.close();
    }
  }
});
