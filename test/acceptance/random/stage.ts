import { readFileSync } from 'node:fs';
import { PrivateKey } from '../../../src/notary';
import { putDemoImage } from '../../../src/sandbox';
import { testAuthority } from '../../support/certificates';
import { byHand } from '../by-hand';
import { World } from '../world';
import { makePeople, type People, type Signer, signers } from './people';
import type { Time } from './player';
import type { Place } from './shape';

/** One sandbox for many sequences, each in repositories of its own. */
export class Stage {
  private count = 0;

  private constructor(
    readonly time: Time,
    readonly world: World,
    readonly people: People,
    private readonly otherCa: string,
    private readonly rootKeyId: string,
    private readonly untouched: ReadonlyMap<string, string>,
  ) {}

  static async start(): Promise<Stage> {
    const now = new Date();
    const time = { now, end: new Date(now.getTime() + 3649 * 86_400_000) };
    const world = await World.start({ clusters: 3, clock: () => time.now });
    const people = await makePeople();
    const { certificate } = await testAuthority('Another CA');
    // All keys are in the trust store, where a plan that signs nothing need not open them.
    const rootKeyId = await byHand(world, async (_, store) => {
      const all = new Set(signers.flatMap((who) => people[who].keys));
      for (const pem of all)
        await store.add(PrivateKey.fromPem(pem, { label: 'a key of the test' }), { role: 'signer' });
      return (await store.rootKey({ create: true })).canonicalId;
    });
    await addPeople(world, people);
    const untouched = new Map(world.sandbox.clusters.map(({ name }) => [name, world.sandbox.ucp(name).config]));
    return new Stage(time, world, people, certificate, rootKeyId, untouched);
  }

  /** What sequences have left is no one’s: it is taken away. */
  async close(): Promise<void> {
    const { sandbox } = this.world;
    await this.clustersAsTheyWere();
    for (let count = 1; count <= this.count; count += 1)
      for (const name of namesOf(count))
        if ((await sandbox.dtr.notary.current(`${sandbox.registry.hostAddress}/${name}`, 'root')) !== undefined)
          await byHand(this.world, (repository) => repository.deleteTrustData(), { name });
    await this.world.close();
  }

  /** Clusters as they were, today's time, and repositories that nobody has used. */
  async place(): Promise<Place> {
    this.time.now = new Date();
    await this.clustersAsTheyWere();
    const { dtr, registry } = this.world.sandbox;
    dtr.endpoint.faults.clear();
    dtr.endpoint.requests.clear();
    this.count += 1;
    const names = namesOf(this.count);
    const digests: [string, string][] = [];
    for (const name of names) {
      const [one, other] = [await putDemoImage(dtr, name, 't0', 'one'), await putDemoImage(dtr, name, 't1', 'other')];
      digests.push([one, other]);
    }
    const { otherCa, rootKeyId, people } = this;
    const ca = readFileSync(registry.caFile, 'utf8');
    return { names, hostAddress: registry.hostAddress, ca, otherCa, digests, rootKeyId, people };
  }

  private async clustersAsTheyWere(): Promise<void> {
    for (const [name, config] of this.untouched) {
      const ucp = this.world.sandbox.ucp(name);
      ucp.endpoint.faults.clear();
      ucp.endpoint.requests.clear();
      if (ucp.config !== config) await ucp.setConfig(config);
    }
  }
}

/** Signers who are users there as well: alice may release, bob is of qa, carol of no team. */
async function addPeople({ sandbox }: World, people: People): Promise<void> {
  for (const name of ['cluster2', 'cluster3']) {
    const { accounts } = sandbox.ucp(name);
    const organisation = accounts.find('docker-datacenter');
    if (organisation === undefined) throw new Error(`${name} has no teams`);
    for (const who of signers) {
      const account = accounts.add({ name: who });
      accounts.addPublicKey(account, people[who].pems.bare, 'a key of the test');
      for (const team of accounts.teams(organisation))
        if (TEAMS[who].includes(team.name)) accounts.setMember(team, account);
    }
    await sandbox.ucp(name).save();
  }
}

const TEAMS: Readonly<Record<Signer, readonly string[]>> = { alice: ['release', 'qa'], bob: ['qa'], carol: [] };

function namesOf(count: number): readonly [string, string] {
  return [`s${count}/a`, `s${count}/b`];
}
