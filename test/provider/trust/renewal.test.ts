import { type Expiring, PrivateKey } from '../../../src/notary';
import { upkeep } from '../../../src/provider/trust/renewal';

const DAY = 86_400_000;
const now = new Date('2026-11-23T12:00:00Z');
const own = PrivateKey.generate();
const snapshotKey = PrivateKey.generate();
const handful = (...keys: readonly PrivateKey[]) => ({
  find: (id: string) => Promise.resolve(keys.find(({ canonicalId }) => canonicalId === id)),
});
const part = (what: Expiring['what'], days: number, more: Partial<Expiring> = {}): Expiring => {
  return { what, expires: new Date(now.getTime() + days * DAY), keys: [own.publicKey], threshold: 1, ...more };
};
const PARTS = ['root', 'root_certificate', 'targets', 'snapshot', 'targets/alice', 'targets/releases'] as const;
const terms = { minValidityDays: 30, now, keys: handful(own) };

describe('what has to be signed again soon', () => {
  const leads: readonly [Expiring['what'], number, number][] = [
    ...PARTS.slice(0, 2).flatMap((what): [typeof what, number, number][] => [
      [what, 30, 365],
      [what, 400, 400],
    ]),
    ...PARTS.slice(2).flatMap((what): [typeof what, number, number][] => [
      [what, 30, 30],
      [what, 400, 400],
    ]),
  ];
  test.each(leads)('%s, with min_validity_days = %d, is due %d days before its end', async (what, asked, lead) => {
    const with_ = { ...terms, minValidityDays: asked };
    const snapshot = what === 'snapshot' ? { snapshot: { keys: [own.publicKey], threshold: 1 } } : {};
    const early = part(what, lead + 1, snapshot);
    const late = part(what, lead - 1, snapshot);
    expect(await upkeep([early, late], with_)).toEqual({ due: [late], outOfReach: [] });
  });

  test.each(PARTS)('%s whose key is not at hand is said half a year before its end', async (what) => {
    const snapshot = what === 'snapshot' ? { snapshot: { keys: [own.publicKey], threshold: 1 } } : {};
    const near = [part(what, 179, snapshot), part(what, -1, snapshot)];
    const missing = what === 'snapshot' ? { own: false, snapshot: true } : { own: true, snapshot: false };
    expect(await upkeep([part(what, 181, snapshot), ...near], { ...terms, keys: handful() })).toEqual({
      due: [],
      outOfReach: near.map((each) => ({ part: each, missing })),
    });
  });

  test('fewer keys than it takes are none', async () => {
    const other = PrivateKey.generate();
    const two = part('targets', 10, { keys: [own.publicKey, other.publicKey], threshold: 2 });
    expect(await upkeep([two], terms)).toMatchObject({ due: [], outOfReach: [{ part: two }] });
    expect(await upkeep([two], { ...terms, keys: handful(own, other) })).toMatchObject({ due: [two] });
  });

  test.each(PARTS)(
    '%s cannot be published without the key of a client’s snapshot, unless that is handed over',
    async (what) => {
      const keys = what === 'snapshot' ? [snapshotKey.publicKey] : [own.publicKey];
      const ends = part(what, 10, { keys, snapshot: { keys: [snapshotKey.publicKey], threshold: 1 } });
      expect(await upkeep([ends], terms)).toEqual({
        due: [],
        outOfReach: [{ part: ends, missing: { own: false, snapshot: true } }],
      });
      expect(await upkeep([ends], { ...terms, keys: handful(own, snapshotKey) })).toMatchObject({ due: [ends] });
      expect(await upkeep([ends], { ...terms, handsOver: true })).toMatchObject({ due: [ends] });
    },
  );
});
