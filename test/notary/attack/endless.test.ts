import type { HttpRequest } from '../../../src/http';
import { PrivateKey, type TrustRepository } from '../../../src/notary';
import { nextVersion } from '../../../src/notary/draft/view';
import { failing } from '../failing';
import { answer, bodyOf, memoryStore, type Tap, Wire } from '../repository/wire';

let wire: Wire;
let made = 0;
beforeAll(async () => {
  wire = await Wire.open();
});
afterAll(() => wire.close());
beforeEach(() => {
  wire.tap = (request, send) => send(request);
});

const alice = PrivateKey.generate();
const image = { sha256: '1'.repeat(64), length: 100 };

async function begin(): Promise<() => TrustRepository> {
  const name = `admin/endless${made++}`;
  const store = memoryStore();
  await wire.repository(name, []).initialise(store);
  const client = () => wire.repository(name, [...store.kept, alice], { sleep: () => Promise.resolve() });
  await client().change(async (draft) => {
    draft.addSigner('alice', [alice.publicKey]);
    await draft.signTag('alice', 'v1', image);
  });
  wire.forget();
  return client;
}

const isPublish = ({ method, path }: HttpRequest): boolean => method === 'POST' && path.endsWith('/');
const fileOf = ({ path }: HttpRequest): string => path.replace(/^.*\/_trust\/tuf\//, '');
const saying =
  (status: number, code: string) =>
  async (send: Parameters<Tap>[1]): ReturnType<Tap> =>
    answer(await send({ method: 'GET', path: '/' }), status, { code });

describe('when a server has every version that it is asked for', () => {
  test('what stands in the way of a publish is given up', async () => {
    const client = await begin();
    wire.tap = (request, send) => {
      if (isPublish(request)) return saying(400, 'VERSION')(send);
      if (!/^\d+\.targets\.json$/.test(fileOf(request))) return send(request);
      return send({ ...request, path: request.path.replace(/\d+\.targets/, '1.targets') });
    };
    const change = client().change((draft) => draft.addSigner('bob', [alice.publicKey]));
    await expect(change).rejects.toMatchObject({ code: 'endless_versions' });
    expect(wire.count('POST')).toBe(3);
    // once to see whether somebody was overtaken, once for what was left behind
    expect(wire.requests.filter((request) => /^\d+\.targets/.test(fileOf(request)))).toHaveLength(64 + 65);
  });

  test('the search for the newest is given up', async () => {
    const client = await begin();
    wire.tap = (request, send) => {
      const file = fileOf(request);
      if (/^targets(\.[0-9a-f]{64})?\.json$/.test(file)) return saying(404, 'METADATA_NOT_FOUND')(send);
      if (!/^[^/]+\.targets\.json$/.test(file)) return send(request);
      return send({ ...request, path: request.path.replace(/[^/]+\.targets\.json/, '1.targets.json') });
    };
    await expect(client().read({ allowDamaged: true })).rejects.toMatchObject({ code: 'endless_versions' });
    expect(wire.requests.filter((request) => /^[^/]+\.targets\.json$/.test(fileOf(request)))).toHaveLength(40);
  });
});

describe('when a version is close to the last there is', () => {
  test('of an unsigned file in the place of a listed one: nobody signs beyond it', async () => {
    const client = await begin();
    const file = `{"signed":{"_type":"Targets","delegations":{"keys":{},"roles":[]},"expires":"2030-01-01T00:00:00Z","targets":{},"version":9007199254740990},"signatures":[]}`;
    wire.tap = async (request, send) => {
      if (/^targets\/alice\.[0-9a-f]{64}/.test(fileOf(request))) return saying(404, 'METADATA_NOT_FOUND')(send);
      const response = await send(request);
      return fileOf(request) === 'targets/alice.json' ? { ...response, bytes: Buffer.from(file) } : response;
    };
    const sign = client().change((draft) => draft.signTag('alice', 'v2', image));
    await expect(sign).rejects.toMatchObject({ code: 'withheld_metadata' });
    expect(wire.requests.filter(isPublish).map(bodyOf)).toEqual([]);
  });

  test('the next one is refused, whosever it is', () => {
    expect(nextVersion(undefined, 'targets', 1_999_999_999)).toBe(2_000_000_000);
    for (const version of [2_000_000_000, Number.MAX_SAFE_INTEGER]) {
      expect(failing(() => nextVersion(undefined, 'targets', version))?.code).toBe('version_too_high');
    }
  });
});
