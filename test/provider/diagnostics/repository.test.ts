import { answer, memoryStore, type Tap, Wire } from '../../notary/repository/wire';
import { parseDocument } from '../../../src/notary/documents';
import { keysAtHand, PrivateKey, type TrustRepository } from '../../../src/notary';
import type { BodyPart, HttpRequest } from '../../../src/http';
import { diagnosticsOf } from './catalogue';

const DAY = 86_400_000;
const bob = PrivateKey.generate();
const rootKey = PrivateKey.generate();
const name = 'admin/trustdemo';
let wire: Wire;
let store: ReturnType<typeof memoryStore>;
let client: TrustRepository;
beforeAll(async () => {
  wire = await Wire.open();
});
beforeEach(async () => {
  wire.tap = (request, send) => send(request);
  store = memoryStore(rootKey);
  client = repository();
  await client.deleteTrustData();
  await client.initialise(store);
});
afterAll(() => wire.close());

/** Another process with the same store. */
function repository(): TrustRepository {
  const find = (id: string) => Promise.resolve([...store.kept, rootKey].find((key) => key.canonicalId === id));
  return wire.repository(name, [], { keys: keysAtHand({ find }) });
}

const read = () => repository().read();
const addBob = () => client.change((draft) => draft.addSigner('bob', [bob.publicKey]));
const isPublish = ({ method, path }: HttpRequest): boolean => method === 'POST' && path.endsWith('/');

/** What becomes of `use` while the server is as `tap` has it. */
function while_(tap: Tap, use: () => unknown) {
  return () => {
    wire.tap = tap;
    return use();
  };
}

/** The server's answer to a publish, in its words. */
function publishing(status: number, code: string, detail: unknown = {}) {
  return while_(async (request, send) => {
    if (!isPublish(request)) return send(request);
    return answer(await send({ method: 'GET', path: '/' }), status, { code, detail });
  }, addBob);
}

const refusing =
  (status: number): Tap =>
  async (_, send) =>
    answer(await send({ method: 'GET', path: '/' }), status, { code: 'UNAUTHORIZED' });

const page: Tap = async (_, send) => {
  const response = await send({ method: 'GET', path: '/' });
  const text = '404 page not found';
  return {
    ...response,
    status: 404,
    bytes: Buffer.from(text),
    text: () => text,
    json: () => JSON.parse(text) as unknown,
  };
};

/** A proxy that writes what it passes on in another way. */
const reformatting: Tap = (request, send) => {
  if (!Array.isArray(request.body) || !isPublish(request)) return send(request);
  const body = request.body.map((part: BodyPart) => ({
    ...part,
    bytes: Buffer.concat([part.bytes, Buffer.from('\n')]),
  }));
  return send({ ...request, body });
};

diagnosticsOf('repository', {
  'unauthorised: read': while_(refusing(401), read),
  'unauthorised: change': while_(refusing(401), addBob),
  'unauthorised: delete': while_(refusing(401), () => client.deleteTrustData()),
  'unauthorised: rotate': while_(
    async (request, send) => (request.path.endsWith('.key') ? refusing(401)(request, send) : send(request)),
    () => client.prepareRotation(store, ['timestamp']),
  ),
  forbidden: while_(
    async (request, send) => (request.path.endsWith('.key') ? refusing(403)(request, send) : send(request)),
    () => client.prepareRotation(store, ['timestamp']),
  ),
  'forbidden: read': while_(refusing(403), read),
  not_a_notary_server: while_(page, read),
  'not_a_notary_server: a page': while_(async (_, send) => {
    const response = await send({ method: 'GET', path: '/' });
    const text = '<html><title>Docker Trusted Registry</title></html>';
    return { ...response, status: 200, bytes: Buffer.from(text), text: () => text, json: () => undefined };
  }, read),
  redirected: while_(async (_, send) => {
    const response = await send({ method: 'GET', path: '/' });
    const text = 'Found';
    return { ...response, status: 302, bytes: Buffer.from(text), text: () => text, json: () => undefined };
  }, read),
  unasked_encoding: while_(async (request, send) => {
    const response = await send(request);
    return { ...response, headers: { ...response.headers, 'content-encoding': 'gzip' } };
  }, read),
  server_failed: while_(
    async (_, send) => answer(await send({ method: 'GET', path: '/' }), 500, { code: 'UNKNOWN' }),
    read,
  ),
  gun_refused: publishing(400, 'INVALID_GUN'),
  conflict: publishing(400, 'VERSION'),
  'refused_update: certificate': publishing(400, 'INVALID_UPDATE', 'unable to find valid leaf certificates'),
  'refused_update: server’s keys': publishing(400, 'INVALID_UPDATE', 'ErrBadHierarchy: no timestamp key'),
  'refused_update: other': publishing(400, 'INVALID_UPDATE', 'ErrBadTargets'),
  'refused_update: changed on its way': publishing(400, 'MALFORMED_UPLOAD'),
  'refused_update: too large': publishing(413, 'TOO_LARGE'),
  snapshot_key_not_at_hand: () => {
    const manager = () => Promise.resolve('client' as const);
    Object.assign(client, { snapshotManager: manager });
    return publishing(400, 'INVALID_UPDATE', 'no snapshot')();
  },
  'already_initialised: on the server': () => repository().initialise(store),
  'no_trust_data: deleted meanwhile': async () => {
    await client.deleteTrustData();
    return client.change(() => Promise.resolve([]));
  },
  'no_trust_data: rotation': async () => {
    await client.deleteTrustData();
    return client.prepareRotation(store, ['targets']);
  },
  not_deleted: while_(
    async (request, send) =>
      send(request.method === 'DELETE' ? { ...request, method: 'GET', path: '/' } : request).then((response) =>
        request.method === 'DELETE' ? { ...response, status: 200 } : response,
      ),
    () => client.deleteTrustData(),
  ),
  not_byte_exact: while_(reformatting, addBob),
  missing_root: while_(async (request, send) => {
    const response = await send(request);
    return /root\.json$/.test(request.path) ? answer(response, 404, { code: 'METADATA_NOT_FOUND' }) : response;
  }, addBob),
  'missing_metadata: not given out': async () => {
    wire.tap = reformatting;
    await addBob().catch(() => undefined);
    wire.tap = (request, send) => send(request);
    return read();
  },
  ended_trust_data: async () => {
    const snapshot = PrivateKey.generate();
    await store.add(snapshot, { role: 'snapshot', gun: `dtr.test/${name}` });
    await client.change((draft) => draft.rotate({ snapshot }));
    wire.tap = async (request, send) => {
      const response = await send(request);
      return request.path.endsWith('/timestamp.json') ? answer(response, 500, { code: 'UNKNOWN' }) : response;
    };
    return wire.repository(name, [], { clock: () => new Date(Date.now() + 1100 * DAY) }).read();
  },
  endless_versions: while_(async (request, send) => {
    if (isPublish(request)) return answer(await send({ method: 'GET', path: '/' }), 400, { code: 'VERSION' });
    return send({ ...request, path: request.path.replace(/\/\d+\.targets/, '/1.targets') });
  }, addBob),
  left_behind: while_(async (request, send) => {
    if (!isPublish(request)) {
      const version = /\/(\d+)\.snapshot\.json$/.exec(request.path)?.[1];
      if (version === undefined) return send(request);
      const stored = await send({ ...request, path: request.path.replace(`${version}.`, '') });
      return Number(version) > parseDocument(stored.bytes, 'snapshot').signed.version ? stored : send(request);
    }
    return answer(await send({ method: 'GET', path: '/' }), 400, { code: 'VERSION' });
  }, addBob),
});
