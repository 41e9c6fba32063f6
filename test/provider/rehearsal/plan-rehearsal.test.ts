import type { ClusterFacts, TagSignature } from '../../../src/admission';
import { Activity } from '../../../src/provider/connection/activity';
import { type PlannedChange, PlanRehearsal, type TrustNow } from '../../../src/provider/rehearsal';

const gun = 'dtr.test/admin/app';
const image = `${gun}:v1`;
const sha256 = 'a'.repeat(64);
const team = { organization: 'docker-datacenter', name: 'release', id: '1' };
const facts: ClusterFacts = {
  name: 'one',
  version: '3.2.5',
  registries: ['dtr.test'],
  unreadable: [],
  policy: { requireContentTrust: true, requireSignatureFrom: ['docker-datacenter/release'], allowRepositories: [] },
  users: ['alice', 'bob'].map((name) => ({ name, id: name, keyIds: [`key of ${name}`], teams: [team] })),
};
const by = (signer: string): TagSignature => ({ role: `targets/${signer}`, sha256, keyIds: [`key of ${signer}`] });
const signedBy = (...signers: string[]): TrustNow => ({
  signers: new Map(['alice', 'bob'].map((name) => [name, [`key of ${name}`]])),
  tags: new Map([['v1', [...signers.map(by), ...(signers.length > 0 ? [by('releases')] : [])]]]),
});
const takeBack = (signer: string) => signatureOf(signer, false);
const sign = (signer: string) => signatureOf(signer, true);
function signatureOf(signer: string, stands: boolean, of = gun): PlannedChange {
  return { of: 'signature', stands, gun: of, signer, tag: 'v1', sha256 };
}
const unregister: PlannedChange = { of: 'registration', stands: false, cluster: 'one', hostAddress: 'dtr.test' };
const switchOff: PlannedChange = {
  of: 'policy',
  stands: false,
  cluster: 'one',
  policy: { requireContentTrust: false, requireSignatureFrom: [], allowRepositories: [] },
};
const required = (...teams: string[]): PlannedChange => ({
  of: 'policy',
  stands: true,
  cluster: 'one',
  policy: { requireContentTrust: true, requireSignatureFrom: teams, allowRepositories: [] },
});

let activity: Activity;
let warnings: string[];
function rehearsal(
  trust: TrustNow | undefined,
  cluster: ClusterFacts | Error = facts,
  mustAdmit: readonly string[] = [image],
): PlanRehearsal {
  activity = new Activity(100);
  warnings = [];
  const read = () => (cluster instanceof Error ? Promise.reject(cluster) : Promise.resolve(cluster));
  return new PlanRehearsal({
    guarded: () => ({ known: [{ name: 'one', mustAdmit, refused: new Set<string>(), facts: read }], unknown: [] }),
    trust: () => Promise.resolve(trust),
    atHand: (ids) => Promise.resolve(new Set(ids)),
    activity,
  });
}

/** As Terraform does: all of them side by side, each a call under way. Gives what each came to. */
function plan(rehearse: PlanRehearsal, changes: readonly PlannedChange[]): Promise<string[]> {
  const calls = changes.map((change, index) =>
    activity.during(async () => {
      // Each looks at its servers first.
      await new Promise((resolve) => setTimeout(resolve, index * 20));
      try {
        await rehearse.add([change], (_, summary) => warnings.push(summary));
        return 'planned';
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    }),
  );
  return Promise.all(calls);
}

test.each<[string, TrustNow, PlannedChange[]]>([
  ['one of two signatures', signedBy('alice', 'bob'), [takeBack('alice')]],
  ['a signature, and another comes', signedBy('alice'), [takeBack('alice'), sign('bob')]],
  ['everything, the policy too', signedBy('alice'), [takeBack('alice'), unregister, switchOff]],
  ['a registration for a new one of the same name', signedBy('alice'), [unregister, { ...unregister, stands: true }]],
  ['nothing it relies on', signedBy('alice'), [signatureOf('alice', false, 'dtr.test/admin/other')]],
])('lets go %s, in either order', async (_, trust, changes) => {
  for (const order of [changes, [...changes].reverse()]) {
    expect(await plan(rehearsal(trust), order)).toEqual(changes.map(() => 'planned'));
    expect(warnings).toEqual([]);
  }
});

test('has nothing to say of an order where two harmful changes are refused as one', async () => {
  const leave: PlannedChange = { of: 'signer', stands: false, gun, signer: 'alice', keyIds: [] };
  for (const changes of [
    [takeBack('alice'), leave],
    [leave, takeBack('alice')],
  ]) {
    const said = await plan(rehearsal(signedBy('alice')), changes);
    expect(said.filter((each) => each === 'planned')).toHaveLength(1);
    expect(warnings).toEqual([]);
  }
});

test('warns where a policy that changes makes up for what Terraform may take away before', async () => {
  const qa = { ...team, name: 'qa', id: '2' };
  const users = facts.users.map((user) => (user.name === 'bob' ? { ...user, teams: [qa] } : user));
  const changes = [takeBack('alice'), required('docker-datacenter/qa')];
  for (const order of [changes, [...changes].reverse()]) {
    expect(await plan(rehearsal(signedBy('alice', 'bob'), { ...facts, users }), order)).toEqual(['planned', 'planned']);
    expect(warnings).toEqual([`This change would make one refuse ${image}, which is in its must_admit`]);
  }
});

test('refuses the change that does the harm, not those beside it', async () => {
  const carol: PlannedChange = { of: 'signer', stands: true, gun, signer: 'carol', keyIds: ['key of carol'] };
  const changes = [takeBack('alice'), carol, sign('carol')];
  const [first, ...others] = await plan(rehearsal(signedBy('alice')), changes);
  expect(first).toContain(`would make one refuse ${image}`);
  expect(others).toEqual(['planned', 'planned']);
});

test('refuses the later of two that do the harm together', async () => {
  const results = await plan(rehearsal(signedBy('alice', 'bob')), [takeBack('alice'), takeBack('bob')]);
  expect(results[0]).toBe('planned');
  expect(results[1]).toContain('image or trust data does not exist for');
});

test('refuses two that do the same harm, in one error that names both', async () => {
  const results = await plan(rehearsal(signedBy('alice')), [takeBack('alice'), unregister]);
  const [error = '', ...planned] = results.sort();
  expect(planned).toEqual(['planned']);
  expect(error.match(/would make one refuse/g)).toHaveLength(2);
  expect(error).toContain(`It is about the end of the signature of ${image} by alice.`);
  expect(error).toContain('It is about the end of the registration of dtr.test in one.');
});

/** As Terraform does with `-parallelism`: no more than so many at once, one after the other. */
function planInSlots(rehearse: PlanRehearsal, changes: readonly PlannedChange[], slots: number): Promise<string[]> {
  const left = changes.map((change, index) => ({ change, index }));
  const results: string[] = [];
  const slot = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const { change, index } = next;
      results[index] = await activity.during(async () => {
        try {
          await rehearse.add([change], () => undefined);
          return 'planned';
        } catch (error) {
          return error instanceof Error ? error.message : String(error);
        }
      });
    }
  };
  return Promise.all(Array.from({ length: slots }, slot)).then(() => results);
}

describe('when there are more changes than Terraform plans at once', () => {
  const both = signedBy('alice');
  test('those that wait let others come, which make up for them', async () => {
    const many = Array.from({ length: 12 }, (_, index) => `${gun}:v${index}`);
    const tags = new Map(many.map((name) => [name.slice(gun.length + 1), [by('alice'), by('releases')]]));
    const rehearse = rehearsal({ ...both, tags }, facts, many);
    const of = (signer: string, stands: boolean) =>
      [...tags.keys()].map((tag): PlannedChange => ({ of: 'signature', stands, gun, signer, tag, sha256 }));
    const changes = [...of('alice', false), ...of('bob', true)];
    expect(await planInSlots(rehearse, changes, 10)).toEqual(changes.map(() => 'planned'));
    // what nothing makes up for is an error all the same
    const without = changes.slice(0, -1);
    const results = await planInSlots(rehearsal({ ...both, tags }, facts, many), without, 10);
    expect(results.filter((result) => result !== 'planned')).toEqual([
      expect.stringContaining(`would make one refuse ${gun}:v11, which is in its must_admit`) as string,
    ]);
  });
});

test('says what the cluster would answer, why, and what there is to do', async () => {
  const add = rehearsal(signedBy('alice')).add([required('docker-datacenter/nobody')], () => undefined);
  await expect(add).rejects.toMatchObject({
    code: 'would_lock_out',
    message:
      `This change would make one refuse ${image}, which is in its must_admit.\n` +
      'It is about the policy of one.\n' +
      `one would answer: image did not meet required signing policy\n${image}: image did not meet required signing policy\n` +
      `${image} is signed by alice (targets/alice), in targets/releases; one requires docker-datacenter/nobody.\n` +
      'Nothing was sent.',
    cure:
      'correct require_signature_from: docker-datacenter/nobody is no team with members in one; ' +
      'if something else in this plan makes up for it, make this resource depend on that (depends_on), and do not plan ' +
      'with -parallelism=1; if what makes up for it depends on this resource, apply that by itself first; or, if it need not run ' +
      'any more, take it out of must_admit',
    attribute: ['require_signature_from'],
  });
});

test('does not hold a change responsible for what the cluster refuses already', async () => {
  expect(await plan(rehearsal(signedBy()), [takeBack('alice'), unregister])).toEqual(['planned', 'planned']);
  expect(warnings).toEqual([`one does not run ${image}`]);
});

test('says nothing of a repair', async () => {
  expect(await plan(rehearsal(signedBy()), [sign('alice')])).toEqual(['planned']);
  expect(warnings).toEqual([]);
});

test('warns where nobody can know: no team is asked for, and the only signer left has no account', async () => {
  const stranger = { ...signedBy('alice'), signers: new Map([['carol', ['key of carol']]]) };
  const changes = [sign('carol'), takeBack('alice'), required()];
  expect(await plan(rehearsal(stranger), changes)).toEqual(['planned', 'planned', 'planned']);
  expect(warnings).toEqual([
    `one may refuse ${image} after this change`,
    `This change would make one refuse ${image}, which is in its must_admit`,
  ]);
});

describe('when a registration is replaced, and the policy of its cluster depends on it', () => {
  const other: PlannedChange = { ...unregister, stands: true, hostAddress: 'other.test' };
  const replacement = { goes: [unregister], comes: [other], followedBy: 'policy' } as const;
  const warn = (_: unknown, summary: string) => warnings.push(summary);
  const asked = required('docker-datacenter/release');
  const foretold = `This change would make one refuse ${image}, which is in its must_admit`;
  const refused = {
    code: 'would_lock_out',
    message: expect.stringContaining(
      'It is about the end of the registration of dtr.test in one, and the registration of other.test in one.',
    ) as string,
    attribute: undefined,
  };

  test('leaves it to the policy, which may go', async () => {
    const rehearse = rehearsal(signedBy('alice'));
    await rehearse.replace(replacement, warn);
    await rehearse.add([switchOff], warn);
    expect(warnings).toEqual([foretold]);
  });

  test('refuses it with the policy, which stays', async () => {
    const rehearse = rehearsal(signedBy('alice'));
    await rehearse.replace(replacement, warn);
    await expect(rehearse.stay([asked], warn)).rejects.toMatchObject(refused);
  });

  test('refuses it with the policy, which asks for less, but still asks', async () => {
    const rehearse = rehearsal(signedBy('alice'));
    await rehearse.replace(replacement, warn);
    await expect(rehearse.add([required()], warn)).rejects.toMatchObject(refused);
  });

  test('refuses it where both are planned at once', async () => {
    const rehearse = rehearsal(signedBy('alice'));
    const both = [rehearse.replace(replacement, warn), rehearse.stay([asked], warn)];
    await expect(Promise.all(both)).rejects.toMatchObject(refused);
  });

  test('leaves it to the apply, with a warning, where no policy of its cluster is planned', async () => {
    await rehearsal(signedBy('alice')).replace(replacement, warn);
    expect(warnings).toEqual([foretold]);
  });

  test('refuses it itself where the policy does not depend on it, and is planned before', async () => {
    const rehearse = rehearsal(signedBy('alice'));
    await rehearse.stay([asked], warn);
    await expect(rehearse.replace(replacement, warn)).rejects.toMatchObject(refused);
  });
});

test('leaves it to the apply, with a warning, while a server cannot be asked', async () => {
  const results = await plan(rehearsal(signedBy('alice'), new Error('one is not there yet')), [unregister]);
  expect(results).toEqual(['planned']);
  expect(warnings).toEqual([`Whether one would still run ${image} cannot be told yet`]);
});
