import { type Expiring, PrivateKey } from '../../../src/notary';
import type { Connection } from '../../../src/provider/connection';
import { checkVersions } from '../../../src/provider/trust/known-trust';
import { unreadable, warnOfDamage, warnOfOvertaken } from '../../../src/provider/trust/damage';
import { warnOfNewRootKey } from '../../../src/provider/trust/new-root-key';
import { type Missing, outOfReachCure, warnOfEnd, warnOfRenewal } from '../../../src/provider/trust/renewal';
import { RENEWED_BY_SIGNATURES } from '../../../src/provider/trust/repository-upkeep';
import { planRotation } from '../../../src/provider/trust/rotation';
import { lost, unexpectedRootKey } from '../../../src/provider/trust/trust-lost';
import { diagnosticsOf, type Report, Reports } from './catalogue';

const gun = 'dtr.example.com/admin/trustdemo';
const now = new Date('2026-11-23T12:00:00Z');
const key = PrivateKey.generate();
const id = key.canonicalId;

function reported(work: (reports: Reports) => unknown) {
  return async (): Promise<Report[]> => {
    const reports = new Reports();
    await work(reports);
    return reports.all;
  };
}

const [SOON, OVER] = ['2027-01-31T00:00:00Z', '2026-10-31T00:00:00Z'];
const part = (what: Expiring['what'], expires: string): Expiring => {
  const keyring = { keys: [key.publicKey], threshold: 1 };
  return { what, expires: new Date(expires), ...keyring, snapshot: keyring };
};
const ends = (what: Expiring['what'], expires = SOON, missing: Missing = { own: true, snapshot: false }) =>
  reported(({ warn }) => {
    const missed = { part: part(what, expires), missing };
    warnOfEnd(gun, missed.part, now, warn, outOfReachCure(gun, missed));
  });
const renewed = (what: Expiring['what'], expires = SOON) =>
  reported(({ warn }) => {
    warnOfRenewal(gun, part(what, expires), now, warn);
  });

type Rotate = Exclude<Parameters<typeof planRotation>[0]['prior']['rotate'], null>;
const counters = (given: Partial<Rotate> = {}): Rotate => ({
  ...{ root: null, targets: null, snapshot: null, timestamp: null },
  ...given,
});

/** What a plan says of counters that go from one to the other. */
function rotation(
  before: { manager?: string; rotate?: Rotate | null; imported?: boolean },
  after: { manager?: string; rotate?: Rotate | null },
) {
  return reported(({ warn, error }) =>
    planRotation({
      prior: {
        gun,
        rotate: before.rotate ?? null,
        snapshot_managed_by: before.manager ?? 'server',
        root_key_ids: [id],
      },
      planned: { rotate: after.rotate ?? null, snapshot_managed_by: after.manager ?? before.manager ?? 'server' },
      // Nothing of it is asked where nothing is rotated.
      provider: { planRotation: () => Promise.resolve([]) } as unknown as Connection,
      privateData: { get: () => (before.imported === true ? undefined : {}), set: () => undefined },
      warn,
      error,
    }),
  );
}

diagnosticsOf('upkeep', {
  'warning: root ends': ends('root'),
  'warning: root ended': ends('root', OVER),
  'warning: list of signers ended': ends('targets', OVER),
  'warning: snapshot ended': ends('snapshot', OVER, { own: false, snapshot: true }),
  'warning: root certificate ends': ends('root_certificate'),
  'warning: list of signers ends': ends('targets'),
  'warning: snapshot ends': ends('snapshot', SOON, { own: false, snapshot: true }),
  'warning: list of signers ends, and the snapshot’s key is missing, too': ends('targets', SOON, {
    ...{ own: true, snapshot: true },
  }),
  'warning: root renewed': renewed('root'),
  'warning: root certificate renewed': renewed('root_certificate'),
  'warning: list of signers renewed': renewed('targets'),
  'warning: list of signers renewed after its end': renewed('targets', OVER),
  'warning: snapshot renewed': renewed('snapshot'),
  'warning: released tags renewed': renewed('targets/releases'),
  'warning: released tags renewed after their end': renewed('targets/releases', OVER),
  'warning: signer’s file renewed': renewed('targets/alice'),
  'warning: released tags end': ends('targets/releases'),
  'warning: released tags ended': ends('targets/releases', OVER),
  'warning: signer’s file ends': ends('targets/alice'),
  'warning: signer’s file ended': ends('targets/alice', OVER),
  'warning: signer’s file ends, and signatures renew it': reported(({ warn }) => {
    warnOfEnd(gun, part('targets/alice', SOON), now, warn, RENEWED_BY_SIGNATURES);
  }),
  'warning: new root key': reported(({ warn }) => {
    warnOfNewRootKey(id, warn);
  }),
  'warning: targets out of force': reported(({ warn }) => {
    warnOfOvertaken(gun, 7, warn);
  }),
  'warning: damage': reported(({ warn }) => {
    warnOfDamage({ gun, trust: { damaged: ['targets'] } }, warn);
  }),
  'missing_metadata: damage': () => {
    throw unreadable({ gun, trust: { damaged: ['targets'] } });
  },
  trust_data_lost: () => {
    throw lost(gun, [id]);
  },
  unexpected_root_key: () => {
    throw unexpectedRootKey(gun, id);
  },
  'version_rollback: state': () => {
    checkVersions(
      gun,
      { versions: { root: 1, targets: 3 }, rootKeys: [] },
      { rootKeyIds: null, versions: { root: 1, targets: 4 } },
    );
  },
  'version_rollback: a file that is gone': () => {
    checkVersions(
      gun,
      { versions: { root: 1, 'targets/alice': 0 }, rootKeys: [] },
      { rootKeyIds: null, versions: { root: 1, 'targets/alice': 4 } },
    );
  },
  'warning: nothing rotated after an import': rotation({ imported: true }, { rotate: counters({ targets: 1 }) }),
  'warning: counter lowered': rotation({ rotate: counters({ targets: 2 }) }, { rotate: counters({ targets: 1 }) }),
  'snapshot to the client': rotation({ manager: 'server' }, { manager: 'client' }),
  'snapshot of the client rotated': rotation(
    { manager: 'client', rotate: counters({ snapshot: 1 }) },
    { manager: 'client', rotate: counters({ snapshot: 2 }) },
  ),
});
