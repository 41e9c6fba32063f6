import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { makeCertificate, type Made } from '../notary/certificates';
import { testAuthority } from '../support/certificates';
import { type AllKinds, allKinds, KINDS } from './all-kinds';
import { provider } from './configuration';
import { steps } from './steps';
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
type Instance = Record<string, unknown>;

describe('when a state was written by an earlier release', () => {
  let world: World;
  let alice: Made;
  let digest: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 2 });
    [alice, digest] = [await makeCertificate(), await world.digest('1')];
  });
  afterAll(() => world.close());

  const usual = (): string => provider(world, { keys: { alice: alice.privateKey } });
  /** Changes what the state has of each resource. */
  const rewrite = async (change: (type: string, instance: Instance) => void): Promise<void> => {
    const file = join(world.terraform.directory, 'terraform.tfstate');
    const state = v.parse(StateFile, JSON.parse(await readFile(file, 'utf8')));
    expect(state.resources.map(({ type }) => type).sort()).toEqual([...KINDS].sort());
    for (const { type, instances } of state.resources) for (const each of instances) change(type, each);
    await writeFile(file, JSON.stringify(state));
  };

  it('nothing changes, with and without a look at the servers', async () => {
    const { terraform } = world;
    await terraform.configure(usual() + allKinds({ alice, digest }));
    await terraform.must(terraform.apply());
    await rewrite((type, now) => {
      const then = [...stored].find(([name]) => name === type)?.[1];
      if (then === undefined) throw new Error(`there is no state of ${type}`);
      const made = v.parse(v.record(v.string(), v.unknown()), now['attributes']);
      const attributes = Object.entries(then.attributes).map(([name, value]): [string, unknown] => [
        name,
        isMade(value) ? made[name] : value,
      ]);
      Object.assign(now, { schema_version: then.schema_version, attributes: Object.fromEntries(attributes) });
    });
    await terraform.expectNoChanges();
    expect(await terraform.must(terraform.plan('-refresh=false'))).toMatchObject({ empty: true });
    await world.expectNothingLeft();
  });

  it.each<[string, readonly string[]]>([
    ['nothing', []],
    ['only versions', ['versions']],
    ['only roots_made and policy_before', ['roots_made', 'policy_before']],
  ])('it is refreshed, updated and destroyed where the private data has %s', async (_, kept) => {
    const ucp = world.sandbox.ucp('cluster2');
    const untouched = ucp.config;
    const ca = readFileSync(world.sandbox.registry.caFile, 'utf8') + (await testAuthority('Another CA')).certificate;
    const other = { digest: await world.digest('2'), keys: [alice.certificate, (await makeCertificate()).certificate] };
    const lost: string[] = [];
    const keep = (_type: string, instance: Instance): void => {
      const now = privateIn(instance);
      const left = Object.entries(now).filter(([name]) => kept.includes(name));
      lost.push(...Object.keys(now).filter((name) => !kept.includes(name)));
      delete instance['private'];
      if (left.length > 0) instance['private'] = toBase64(JSON.stringify(Object.fromEntries(left)));
    };
    const all = (settings: AllKinds['settings']) => allKinds({ alice, digest, settings });
    const first = { repository: { rotate: { targets: 1 } } };
    await steps(
      world,
      [
        { provider: usual(), resources: all(first) },
        {
          before: async () => {
            await rewrite(keep);
            expect(await world.terraform.must(world.terraform.plan())).toMatchObject({ empty: true, drift: [] });
          },
          provider: usual(),
          resources: all({
            registration: { ca_bundle: ca },
            repository: { rotate: { targets: 2 } },
            signer: { public_keys: other.keys },
            tag: { digest: other.digest },
            enforcement: { require_signature_from: ['docker-datacenter/release'] },
          }),
          planned: KINDS.map((type) => `${type}.it update`),
        },
      ],
      // What was there before is not known any more: a destroy leaves the policy that was found, as after an import.
      { left: kept.includes('policy_before') ? [] : ['cluster2'] },
    );
    expect([...new Set([...lost, ...kept])].sort()).toEqual(['policy_before', 'roots_made', 'versions']);
    await ucp.setConfig(untouched);
  });
});

function privateIn(instance: Instance): Record<string, unknown> {
  const text = typeof instance['private'] === 'string' ? Buffer.from(instance['private'], 'base64').toString() : '{}';
  return v.parse(v.record(v.string(), v.unknown()), JSON.parse(text === '' ? '{}' : text));
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** `<gun>`, `["<key ID>"]` */
function isMade(value: unknown): boolean {
  return /^\[?"<[^>]*>"\]?$/.test(JSON.stringify(value));
}
