import { PrivateKey, PublicKey, type TrustData } from '../../../src/notary';
import { makeCertificate } from '../../notary/certificates';
import type { FrontRequest } from '../front';
import { ourClient, rootOf } from '../ours';
import { closeAll } from '../processes';
import type { TrustStack } from '../stack';
import { seenBy, type Seen } from '../stage';
import { environmentOf, makePerson, providerOf, type Start } from './members';
import type { Pipeline } from './process-core';
import { blocksOf, changed, type Person, type Place, randomFrom, signaturesOf, type Wish } from './wishes';

/** What it cost them all to apply at the same time, as the TLS front of the registry saw it. */
export interface Cost {
  /** Publishes that were taken, and those that were too late. */
  readonly taken: number;
  readonly late: number;
  /** Files of trust data that were read. */
  readonly reads: number;
}

interface Member {
  readonly person: Person;
  readonly pipeline: Pipeline;
  wish: Wish;
}

/**
 * Pipelines on one repository, each with a state and a signer of its own, and one trust store for all. A key that all of them
 * have at hand, as a build system's would be, signs `targets/releases` with each of them: so nobody's leaving unsigns it.
 */
export class Crowd {
  private rounds = 0;
  private readonly closers: (() => Promise<void>)[] = [];

  private constructor(
    private readonly stack: TrustStack,
    private readonly place: Place,
    private readonly build: PrivateKey,
    private readonly members: readonly Member[],
    private readonly read: () => Promise<TrustData | undefined>,
    private readonly random: () => number,
  ) {}

  static async gather(stack: TrustStack, size: number, name: string, start: Start): Promise<Crowd> {
    const operator = await stack.operator(name.replace('/', '-'));
    const { privateKey: pem } = await makeCertificate();
    const build = PrivateKey.fromPem(pem, { label: 'the build key' });
    const { gun, store, repository, close } = ourClient(stack, operator, name, { keys: [build] });
    const { rootKeyIds } = await repository.initialise(rootOf(store));
    const [one, other] = [await stack.push(name, 'one', `${name} 1`), await stack.push(name, 'other', `${name} 2`)];
    await repository.change(async (draft) => {
      draft.addSigner('build', [build.publicKey]);
      await draft.signTag('build', 'base', one);
    });
    const place = { gun, rootKeyId: rootKeyIds[0] ?? '', digests: [one.sha256, other.sha256] as const };
    const members: Member[] = [];
    const crowd = new Crowd(stack, place, build, members, () => repository.read(), randomFrom(size));
    crowd.closers.push(close);
    try {
      for (let index = 0; index < size; index++) {
        const person = await makePerson();
        const provider = providerOf(stack, operator.trustDirectory, [...person.secrets, pem]);
        const { pipeline, close: end } = await start(provider, environmentOf(stack));
        crowd.closers.push(end);
        const rotation = index === 0 ? 0 : undefined;
        const wish: Wish = { signer: `p${index}`, keys: [], tags: new Map(), sharesTag: false, rotation };
        members.push({ person, pipeline, wish });
      }
      return crowd;
    } catch (error) {
      await crowd.close();
      throw error;
    }
  }

  /** Each wants something else, and plans; once all have planned, all apply at once. Everything has to go well. */
  async round(): Promise<Cost> {
    await this.wish();
    await this.plan();
    return this.apply();
  }

  /** The same with applies that plan by themselves. */
  async roundOfApplies(): Promise<Cost> {
    await this.wish();
    return this.apply();
  }

  /** Everybody plans once more: there is nothing to do, and nothing is otherwise than it was left. */
  async expectNothingToDo(): Promise<void> {
    expect((await this.plan()).flat()).toEqual([]);
  }

  /** Every change is there, and reads and verifies from the root down. */
  async expectAllThere(): Promise<void> {
    const data = await this.read();
    const tags = (data?.tags ?? []).map((tag): [string, string[]] => {
      const signatures = data?.signatures(tag) ?? [];
      const signers = signatures.filter(({ isReleased }) => isReleased).map(({ signer }) => signer);
      return [tag, [data?.releasedTarget(tag)?.sha256 ?? '', ...signers.sort()]];
    });
    const signers = (data?.signers ?? []).map(({ name, keys }): [string, string[]] => {
      return [name, keys.map(({ canonicalId }) => canonicalId)];
    });
    const found: Seen = { tags: Object.fromEntries(tags), signers: Object.fromEntries(signers) };
    expect(inOrder(found)).toEqual(inOrder(this.wanted()));
    expect(data?.trust.damaged).toEqual([]);
  }

  /** `docker trust inspect` shows just that to somebody who sees the repository for the first time. */
  async expectDockerSeesAll(): Promise<void> {
    const newcomer = await this.stack.operator(`newcomer to ${this.place.gun.split('/').at(-1) ?? ''}`);
    expect(inOrder(await seenBy(newcomer, this.place.gun))).toEqual(inOrder(this.wanted()));
    const { stdout } = await newcomer.notary(['list', this.place.gun]);
    expect(stdout).toContain('base');
  }

  async close(): Promise<void> {
    await closeAll(this.closers);
  }

  private wanted(): Seen {
    const tags: Record<string, string[]> = { base: [this.place.digests[0], 'build'] };
    const signers: Record<string, string[]> = { build: [this.build.canonicalId] };
    for (const { wish, person } of this.members) {
      if (wish.keys.length === 0) continue;
      signers[wish.signer] = wish.keys.map((key) => PublicKey.fromPem(person.pems[key], { label: key }).canonicalId);
      for (const [tag, which] of signaturesOf(wish))
        tags[tag] = [this.place.digests[which], ...(tags[tag] ?? []).slice(1), wish.signer].map(String);
    }
    return { tags, signers };
  }

  private async wish(): Promise<void> {
    this.rounds += 1;
    // A rotation is a root as well, and of that notary-server can lose one for good where a publish of signatures meets it.
    const isRotating = this.rounds % 4 === 3;
    const about = this.rounds === 1 || isRotating ? 'signers' : 'both';
    for (const member of this.members) {
      member.wish = changed(member.wish, about, this.random);
      const { rotation } = member.wish;
      // Now and then one of them changes the targets key under the others.
      if (rotation !== undefined && isRotating) member.wish = { ...member.wish, rotation: rotation + 1 };
    }
    const { place } = this;
    await Promise.all(
      this.members.map(({ pipeline, person, wish }) => pipeline.configure(blocksOf(wish, person, place))),
    );
  }

  private async plan(): Promise<string[][]> {
    const plans = await Promise.all(this.members.map(({ pipeline }) => pipeline.plan()));
    for (const { ok, errors, drift } of plans) {
      // Who has changed its own keys finds other keys below its signatures.
      const strange = drift.filter((each) => !/^dct_signed_tag\.[^:]*: key_ids$/.test(each));
      expect({ ok, errors, strange }).toEqual({ ok: true, errors: [], strange: [] });
    }
    return plans.map(({ changes }) => changes.map(({ action, address }) => `${action} ${address}`));
  }

  private async apply(): Promise<Cost> {
    const { requests } = this.stack.front;
    const before = requests.length;
    const ends = await Promise.all(this.members.map(({ pipeline }) => pipeline.apply()));
    expect(ends).toEqual(ends.map(() => ({ ok: true, errors: [] })));
    return costOf(requests.slice(before));
  }
}

function costOf(requests: readonly FrontRequest[]): Cost {
  const ofTrust = requests.filter(({ path }) => path.includes('/_trust/tuf/'));
  const posts = ofTrust.filter(({ method, path }) => method === 'POST' && path.endsWith('/tuf/'));
  const taken = posts.filter(({ status }) => status === 200).length;
  return { taken, late: posts.length - taken, reads: ofTrust.filter(({ method }) => method === 'GET').length };
}

/** Key IDs and signers as sets: a key stands twice where a signer has two certificates of it. */
function inOrder({ tags, signers }: Seen) {
  const sets = (of: Seen['tags']) =>
    Object.fromEntries(Object.entries(of).map(([name, all]) => [name, [...new Set(all)].sort()]));
  return { tags: sets(tags), signers: sets(signers) };
}
