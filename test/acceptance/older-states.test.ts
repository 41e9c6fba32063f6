import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { makeCertificate } from '../notary/certificates';
import { allKinds, KINDS } from './all-kinds';
import { provider } from './configuration';
import { World } from './world';

// What the first release wrote, by resource; `<…>` stands for what is another one each time. Once a version is released its
// file is not edited any more.
const Stored = v.object({ schema_version: v.number(), attributes: v.record(v.string(), v.unknown()) });
const stored = new Map(
  KINDS.map((type) => [
    type,
    v.parse(Stored, JSON.parse(readFileSync(join(__dirname, `../provider/states/${type}.v0.json`), 'utf8'))),
  ]),
);
const StateFile = v.looseObject({
  resources: v.array(v.looseObject({ type: v.string(), instances: v.array(v.record(v.string(), v.unknown())) })),
});

describe('when a state was written by the first release', () => {
  let world: World;
  beforeAll(async () => (world = await World.start({ clusters: 2 })));
  afterAll(() => world.close());

  it('nothing changes, with and without a look at the servers', async () => {
    const { terraform } = world;
    const [alice, digest] = [await makeCertificate(), await world.digest('1')];
    await terraform.configure(provider(world, { keys: { alice: alice.privateKey } }) + allKinds({ alice, digest }));
    await terraform.must(terraform.apply());
    const file = join(terraform.directory, 'terraform.tfstate');
    const state = v.parse(StateFile, JSON.parse(await readFile(file, 'utf8')));
    for (const { type, instances } of state.resources) {
      const then = [...stored].find(([name]) => name === type)?.[1];
      const [now] = instances;
      if (then === undefined || now === undefined) throw new Error(`there is no state of ${type}`);
      const made = v.parse(v.record(v.string(), v.unknown()), now['attributes']);
      const attributes = Object.entries(then.attributes).map(([name, value]): [string, unknown] => [
        name,
        isMade(value) ? made[name] : value,
      ]);
      Object.assign(now, { schema_version: then.schema_version, attributes: Object.fromEntries(attributes) });
    }
    expect(state.resources.map(({ type }) => type).sort()).toEqual([...KINDS].sort());
    await writeFile(file, JSON.stringify(state));
    await terraform.expectNoChanges();
    expect(await terraform.must(terraform.plan('-refresh=false'))).toMatchObject({ empty: true });
  });
});

/** `<gun>`, `["<key ID>"]` */
function isMade(value: unknown): boolean {
  return /^\[?"<[^>]*>"\]?$/.test(JSON.stringify(value));
}
