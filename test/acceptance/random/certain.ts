import type { Edit } from './behind';
import type { Fault } from './faults';
import type { Sequence, Step } from './sequence';
import type { Shape } from './shape';

const nobody = { alice: null, bob: null, carol: null };

type Delegation = NonNullable<NonNullable<Shape['repositories'][0]>['signers']['bob']>;
const repository = (digest: 0 | 1): NonNullable<Shape['repositories'][0]> => ({
  asGun: false,
  on_destroy: 'delete',
  when_lost: 'recreate',
  days: 30,
  rotate: null,
  later: false,
  first: false,
  signers: { ...nobody, alice: { forms: ['certificate'], allow_unsigning: true, later: false } },
  digests: [digest, 0],
  signatures: [{ ...nobody, alice: { on_destroy: 'revoke', days: 30 } }, nobody],
});
const enforcement: NonNullable<Shape['enforcement']> = {
  cluster: 'cluster2',
  on: true,
  teams: ['docker-datacenter/qa'],
  allow: null,
  on_destroy: 'restore',
  later: false,
  first: false,
};

/** A tag that has to run on a cluster, does because it is signed, and is this image of the two. */
const guarded = (digest: 0 | 1): Shape => ({
  mustAdmit: [0],
  registration: { cluster: 'cluster2', host: 'default', ca: 'default', first: false },
  repositories: [repository(digest), null],
  enforcement,
});
/** Of another team than the one that somebody puts into a policy behind Terraform's back. */
const open = (digest: 0 | 1): Shape => ({
  ...guarded(digest),
  mustAdmit: null,
  enforcement: { ...enforcement, teams: ['docker-datacenter/release'] },
});
/** Its image runs nowhere: where it is asked for, the registry is not known. */
const idle: Shape = {
  ...open(0),
  repositories: [{ ...repository(0), on_destroy: 'keep' }, null],
  enforcement: { ...enforcement, cluster: 'cluster3', on_destroy: 'keep' },
};
/** The registry becomes known before the signature goes: that refuses nobody what ran before. */
const idleAgain: Shape = {
  mustAdmit: [0],
  registration: { cluster: 'cluster3', host: 'default', ca: 'default', first: true },
  repositories: [null, null],
  enforcement: null,
};
/** The policy moves away from the cluster whose registration becomes another one, which that depends on. */
const movedAway: Shape = {
  ...guarded(0),
  registration: { cluster: 'cluster2', host: 'other.example.com', ca: 'default', first: false },
  enforcement: { ...enforcement, cluster: 'cluster3', on: false },
};
/** Unsigned, so the cluster refuses it; it still does once it is signed and others have to sign, and may in between. */
const bob = { forms: ['certificate'], allow_unsigning: true, later: false } satisfies Delegation;
const unsigned: Shape = {
  ...guarded(0),
  repositories: [{ ...repository(0), signers: { ...nobody, bob }, signatures: [nobody, nobody] }, null],
};
const signedInVain: Shape = {
  ...unsigned,
  repositories: [
    {
      ...repository(0),
      signers: { ...nobody, bob },
      signatures: [{ ...nobody, bob: { on_destroy: 'revoke', days: 30 } }, nobody],
    },
    null,
  ],
  enforcement: { ...enforcement, teams: ['docker-datacenter/release'] },
};
/** A signer gets other keys while it is replaced, since the repository is not known, and the new one comes first. */
const replacedFirst: Shape = {
  ...open(0),
  repositories: [
    {
      ...repository(0),
      later: true,
      signers: { ...nobody, alice: { forms: ['certificate', 'next'], allow_unsigning: true, later: false } },
    },
    null,
  ],
  enforcement: { ...enforcement, teams: ['docker-datacenter/release'], first: true },
};
/** One key twice. */
const twoSpellings: Shape = {
  ...open(0),
  repositories: [
    {
      ...repository(0),
      signers: { ...nobody, alice: { forms: ['certificate', 'crlf'], allow_unsigning: true, later: false } },
    },
    null,
  ],
};
const without: Shape = { ...open(0), registration: null, enforcement: null };

const certain = (first: Shape, ...steps: readonly Step[]): Sequence => {
  return { first, steps: [...steps], imports: false, destroys: false };
};
const failing = (shape: Shape, aim: Fault['aim'], kind: Fault['kind'], after: boolean): Step => {
  return { do: 'fail', shape, faults: [{ aim, before: 0, kind, after }] };
};
const failures = [
  ['status', false],
  ['reset', false],
  ['status', true],
  ['reset', true],
  ['truncate', false],
] as const;
const at = { repository: 0, signer: 'alice', tag: 0 } as const;
const cluster = 'cluster2';

const edits: readonly Edit[] = [
  { what: 'signer gets another key', ...at },
  { what: 'tag is revoked', ...at },
  { what: 'tag is signed otherwise', ...at },
  { what: 'signer goes', ...at },
  { what: 'policy changes', cluster },
  { what: 'CA changes', cluster },
  { what: 'registrations go', cluster },
];

/** What is drawn too seldom to happen in each run: these come first in every one. */
export const certainly: readonly Sequence[] = [
  // the fifth resource is the registration
  certain(guarded(0), { do: 'anew', which: 4 }),
  certain(idle, { do: 'configure', shape: idleAgain }),
  certain(guarded(0), { do: 'configure', shape: movedAway }),
  certain(open(0), { do: 'configure', shape: replacedFirst }),
  // the fourth resource is the signer
  certain(twoSpellings, { do: 'forget', which: 3 }),
  certain(unsigned, { do: 'configure', shape: signedInVain }),
  certain(
    open(0),
    ...edits.flatMap((edit): readonly Step[] => [
      { do: 'behind', edits: [edit] },
      { do: 'configure', shape: open(0) },
    ]),
  ),
  certain(
    open(0),
    ...failures.map(([kind, after], index) => failing(open(index % 2 === 0 ? 1 : 0), 'a publish', kind, after)),
  ),
  certain(
    without,
    ...failures.map(([kind, after], index) =>
      failing(index % 2 === 0 ? open(0) : without, 'a configuration', kind, after),
    ),
  ),
];
