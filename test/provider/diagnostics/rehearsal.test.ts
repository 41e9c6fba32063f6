import {
  type ClusterFacts,
  decide,
  type RepositoryTrust,
  type SigningPolicy,
  type TagSignature,
} from '../../../src/admission';
import { UNKNOWN } from '../../../src/plugin';
import { Activity } from '../../../src/provider/connection/activity';
import {
  type PlannedChange,
  PlanRehearsal,
  rehearse,
  type TrustNow,
  withoutRegistry,
  withPolicy,
} from '../../../src/provider/rehearsal';
import { diagnosticsOf, type Report, Reports } from './catalogue';

const gun = 'dtr.example.com/admin/trustdemo';
const image = `${gun}:v1`;
const sha256 = 'a'.repeat(64);
const keyIds = ['b'.repeat(64)];
const release = { organization: 'docker-datacenter', name: 'release', id: '1' };
const by = (role: string): TagSignature => ({ role: `targets/${role}`, sha256, keyIds });
const signatures = new Map([['v1', [by('alice'), by('releases')]]]);
const signed: RepositoryTrust = signatures;
const policy = (...from: string[]): SigningPolicy => ({
  ...{ requireContentTrust: true, requireSignatureFrom: from, allowRepositories: [] },
});
const facts: ClusterFacts = {
  name: 'cluster2',
  version: '3.2.5',
  registries: ['dtr.example.com'],
  unreadable: [],
  policy: policy('docker-datacenter/release'),
  users: [{ name: 'alice', id: '7', keyIds, teams: [release] }],
};
const guarded = (now: ClusterFacts = facts) => ({
  ...{ name: 'cluster2', mustAdmit: [image], refused: new Set<string>(), facts: () => Promise.resolve(now) },
});

/** What an apply says right before it changes the policy, or takes the registration away. */
function atApply(
  overlay: Parameters<typeof rehearse>[2],
  now = facts,
  trust: RepositoryTrust = signed,
  attribute?: string[],
) {
  return async (): Promise<Report[]> => {
    const reports = new Reports();
    await rehearse([guarded(now)], () => Promise.resolve(trust), overlay, reports.warn, attribute);
    return reports.all;
  };
}

/** What a plan says of a change. */
const atPlan = (
  change: PlannedChange,
  cluster: ClusterFacts | Error = facts,
  tags: TrustNow['tags'] = signatures,
  unknown: readonly string[] = [],
) => planning((rehearsal, warn) => rehearsal.add([change], warn), cluster, tags, unknown);

/** What a plan says of a replacement. */
const replaced = (change: Parameters<PlanRehearsal['replace']>[0]) =>
  planning((rehearsal, warn) => rehearsal.replace(change, warn));

function planning(
  work: (rehearsal: PlanRehearsal, warn: Reports['warn']) => Promise<void>,
  cluster: ClusterFacts | Error = facts,
  tags: TrustNow['tags'] = signatures,
  unknown: readonly string[] = [],
) {
  return async (): Promise<Report[]> => {
    const reports = new Reports();
    const activity = new Activity(50);
    const read = () => (cluster instanceof Error ? Promise.reject(cluster) : Promise.resolve(cluster));
    const rehearsal = new PlanRehearsal({
      guarded: () => ({
        known: [{ name: 'cluster2', mustAdmit: [image], refused: new Set<string>(), facts: read }],
        unknown,
      }),
      trust: () => Promise.resolve({ signers: new Map([['alice', keyIds]]), tags }),
      atHand: (ids) => Promise.resolve(new Set(ids)),
      activity,
    });
    await activity.during(() => work(rehearsal, reports.warn));
    return reports.all;
  };
}

const goes = () => ({
  of: 'registration' as const,
  stands: false,
  cluster: 'cluster2',
  hostAddress: 'dtr.example.com',
});
const takenBack = (): PlannedChange => ({ of: 'signature', stands: false, gun, signer: 'alice', tag: 'v1', sha256 });
const stricter = (...from: string[]): PlannedChange => ({
  ...{ of: 'policy', stands: true, cluster: 'cluster2', policy: policy(...from) },
});

/** A policy that the documents leave open: found, not guessed. */
function open(): SigningPolicy {
  const found = [policy(), policy('release'), policy('1'), policy('alice')].find(
    (each) => decide(image, { ...facts, policy: each }, signed).outcome === 'undocumented',
  );
  if (found === undefined) throw new Error('the documents leave nothing open any more');
  return found;
}

diagnosticsOf('rehearsal', {
  'would_lock_out: apply, policy': atApply(withPolicy(policy('docker-datacenter/security'))),
  'would_lock_out: apply, registration': atApply(withoutRegistry('dtr.example.com')),
  'would_lock_out: plan, registration': atPlan(goes()),
  'would_lock_out: plan, signature': atPlan(takenBack()),
  'would_lock_out: plan, policy': atPlan(stricter('docker-datacenter/security')),
  'would_lock_out: plan, end of a policy': atPlan({
    ...{ of: 'policy', stands: false, cluster: 'cluster2', policy: policy('docker-datacenter/security') },
  }),
  'would_lock_out: plan, trust data': atPlan({ of: 'repository', stands: false, gun }),
  'would_lock_out: plan, replaced by what is not known': replaced({
    ...{ goes: [goes()], comes: [{ ...goes(), stands: true, hostAddress: UNKNOWN }] },
  }),
  'warning: replaced, and left to the policy': replaced({
    goes: [goes()],
    comes: [{ ...goes(), stands: true, hostAddress: 'other.example.com' }],
    followedBy: 'policy',
  }),
  'warning: replaced': replaced({ goes: [goes()], comes: [{ ...goes(), stands: true }] }),
  'warning: removed before the policy changes': planning(async (rehearsal, warn) => {
    const off = { ...policy(), requireContentTrust: false };
    await rehearsal.add([{ of: 'policy', stands: true, cluster: 'cluster2', policy: off }], warn);
    await rehearsal.add([takenBack()], warn);
  }),
  'warning: configuration not known': atPlan(stricter('docker-datacenter/release'), facts, signatures, ['cluster3']),
  'would_lock_out: registered with another CA': atApply(
    withPolicy(policy('docker-datacenter/release')),
    { ...facts, unreadable: ['dtr.example.com'], policy: { ...policy(), requireContentTrust: false } },
    signed,
    ['require_signature_from'],
  ),
  'warning: refuses already': atApply(withPolicy(policy('docker-datacenter/security')), facts, new Map()),
  'warning: refuses already, plan': atPlan(goes(), facts, new Map()),
  'warning: may refuse': () => atApply(withPolicy(open()))(),
  'warning: cannot be told': atPlan(
    goes(),
    new Error('GET https://ucp.example.com/version: ucp.example.com cannot be reached.'),
  ),
});
