import { Activity } from '../../../src/provider/connection/activity';
import { PlannedTrust } from '../../../src/provider/connection/planned-trust';
import { PrivateKey } from '../../../src/notary';
import { memoryStore, Wire } from '../../notary/repository/wire';

let wire: Wire;
beforeAll(async () => {
  wire = await Wire.open();
});
afterAll(() => wire.close());

describe('when trust data cannot be read at plan', () => {
  test('whoever plans hears of it, and the next one reads again', async () => {
    const store = memoryStore();
    await wire.repository('admin/planned', []).initialise(store);
    const planned = new PlannedTrust(wire.repository('admin/planned', store.kept), new Activity());
    const addAlice = () => planned.with((draft) => draft.addSigner('alice', [PrivateKey.generate().publicKey]));
    wire.tap = () => Promise.reject(new Error('the server has gone'));
    await expect(addAlice()).rejects.toThrow('the server has gone');
    wire.tap = (request, send) => send(request);
    await expect(addAlice()).resolves.toEqual([]);
  });
});
