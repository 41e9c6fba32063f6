import type { BodyPart } from '../../../src/http';
import { type KeysAtHand, PrivateKey } from '../../../src/notary';
import { parseDocument } from '../../../src/notary/documents';
import { Repository } from '../../../src/provider/connection/repository';
import { Turn } from '../../../src/provider/connection/turn';
import { Activity } from '../../../src/provider/connection/activity';
import { answer, memoryStore, type Tap, Wire } from '../../notary/repository/wire';

let wire: Wire;
beforeAll(async () => {
  wire = await Wire.open();
});
afterAll(() => wire.close());

/** A database that holds version 2 of the snapshot already, though nobody reads it: the server cannot write its next one. */
function blocked(): Tap {
  let stands = true;
  return async (request, send) => {
    if (request.path.endsWith('/2.snapshot.json')) return send({ ...request, path: request.path.replace('2.', '1.') });
    const isPublish = request.method === 'POST' && request.path.endsWith('/');
    if (!isPublish || !stands || !Array.isArray(request.body)) return send(request);
    stands = !request.body.some(
      ({ filename, bytes }: BodyPart) =>
        filename === 'snapshot' && parseDocument(Buffer.from(bytes), 'snapshot').signed.version > 2,
    );
    return stands ? answer(await send({ method: 'GET', path: '/' }), 400, { code: 'VERSION' }) : send(request);
  };
}

describe('when an interrupted publish left a snapshot in the server’s way', () => {
  test('a rotation of the snapshot’s key goes past it with a key of our own, and ends with the server’s', async () => {
    const store = memoryStore();
    const rootKey = await store.rootKey();
    const atHand: KeysAtHand = {
      find: (id) => Promise.resolve([rootKey, ...store.kept].find((key) => key.canonicalId === id)),
    };
    const trust = wire.repository('admin/blocked', [], { keys: atHand });
    await trust.initialise(store);
    const repository = new Repository(trust, {
      keys: { ...store, atHand, isPartlyUnknown: false },
      rehearse: () => Promise.resolve(),
      clock: () => new Date(),
      activity: new Activity(),
      turn: new Turn(),
    });
    const options = { signal: new AbortController().signal, warn: () => undefined };
    wire.tap = blocked();
    const bob = [PrivateKey.generate().publicKey];
    await expect(repository.change((draft) => draft.addSigner('bob', bob), options)).rejects.toMatchObject({
      code: 'left_behind',
      cure: expect.stringMatching(/^rotate the snapshot key/) as string,
    });
    await expect(repository.rotate(['targets'], () => [], 30, options)).rejects.toMatchObject({ code: 'left_behind' });
    const data = await repository.rotate(['snapshot'], () => [], 30, options);
    expect(data?.snapshotManagedBy).toBe('server');
    expect(data?.versions).toMatchObject({ root: 3, snapshot: 4 });
    await repository.change((draft) => draft.addSigner('bob', bob), options);
  });
});
