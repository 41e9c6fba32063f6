import { type Expectations, versionsOf } from '../../../src/notary/verification';
import { verifyChain } from '../verify-files';
import { wordsOf } from '../failing';
import { GUN, NOW, type Pair, type Plan, forge, metaOf, pair, plan, sign, tamper, targetsDocument } from '../forge';

const expected = (over: Partial<Expectations> = {}): Expectations => ({ gun: GUN, now: NOW, ...over });
const alice = pair();
const bob = pair();

describe('when a delegation cannot be believed', () => {
  const signers = { alice: [alice], bob: [bob], releases: [alice, bob] };

  it.each<[string, string, (p: Plan) => Buffer]>([
    ['it is signed by someone else', 'threshold_not_met', (p) => sign(targetsDocument(p, { targets: p.tags }), [bob])],
    ['it is not signed', 'threshold_not_met', (p) => sign(targetsDocument(p), [])],
    [
      'it was changed',
      'bad_signature',
      (p) => tamper(sign(targetsDocument(p, { targets: p.tags }), [alice]), '422', '423'),
    ],
    [
      'it has expired',
      'expired_metadata',
      (p) => sign(targetsDocument(p, { expires: '2026-11-23T11:00:00Z' }), [alice]),
    ],
  ])('goes on without it, as docker does, because %s', (_, code, make) => {
    const p = plan({ signers });
    const trust = verifyChain(forge(p, { 'targets/alice': make(p) }), expected());
    const delegation = trust.delegations.get('targets/alice');
    expect(delegation?.failure?.code).toBe(code);
    expect(wordsOf(delegation?.failure)).toContain('targets/alice');
    expect(delegation?.document).toBeDefined();
    expect(trust.delegations.get('targets/bob')?.failure).toBeUndefined();
    expect(versionsOf(trust)).not.toHaveProperty('targets/alice');
  });

  it('reports which keys of a role signed', () => {
    const p = plan({ signers });
    const trust = verifyChain(forge(p, { 'targets/releases': sign(targetsDocument(p), [bob]) }), expected());
    const releases = trust.delegations.get('targets/releases');
    expect(releases?.failure).toBeUndefined();
    expect(releases?.document?.validKeyIds).toEqual([bob.open.tufId]);
    expect([...(releases?.keys.keys() ?? [])]).toEqual([alice.open.tufId, bob.open.tufId]);
  });

  it.each(['missing_metadata', 'hash_mismatch', 'malformed_document', 'version_rollback'] as const)(
    'reports %s instead of failing, for repair',
    (code) => {
      const p = plan({ signers });
      const sound = forge(p, code === 'malformed_document' ? { 'targets/alice': Buffer.from('{') } : {});
      const files = new Map(sound.delegations);
      if (code === 'missing_metadata') files.delete('targets/alice');
      if (code === 'hash_mismatch')
        files.set('targets/alice', tamper(Buffer.from(files.get('targets/alice')!), '422', '423'));
      const trust = verifyChain(
        { ...sound, delegations: files },
        expected({
          allowBrokenDelegations: true,
          ...(code === 'version_rollback' ? { rememberedVersions: { 'targets/alice': 9 } } : {}),
        }),
      );
      expect(trust.delegations.get('targets/alice')?.failure?.code).toBe(code);
      expect(trust.delegations.get('targets/bob')?.failure).toBeUndefined();
    },
  );

  it('has no file before anything was signed', () => {
    const p = plan({ signers });
    const { roots, targets } = forge(p);
    const meta = new Map([
      ['root', metaOf(Buffer.from(roots[0]!))],
      ['targets', metaOf(Buffer.from(targets))],
    ]);
    const snapshot = sign({ _type: 'Snapshot', expires: '2028-01-01T00:00:00Z', meta, version: 3 }, p.snapshot);
    const trust = verifyChain(
      {
        ...forge(p, { root: Buffer.from(roots[0]!), targets: Buffer.from(targets), snapshot }),
        delegations: new Map(),
      },
      expected(),
    );
    expect(trust.delegations.get('targets/alice')).toMatchObject({ document: undefined, failure: undefined });
  });

  it('has no keys left', () => {
    const p = plan({
      signers: { releases: [alice] },
      editTargets: (t) => ({
        ...t,
        delegations: { ...t.delegations, roles: t.delegations.roles!.map((role) => ({ ...role, keyids: null })) },
      }),
    });
    const releases = verifyChain(forge(p), expected()).delegations.get('targets/releases');
    expect(releases?.failure?.code).toBe('threshold_not_met');
    expect(wordsOf(releases?.failure)).toContain('no keys');
  });

  it('is declared twice: the first counts', () => {
    const p = plan({
      signers: { alice: [alice] },
      editTargets: (t) => {
        const role = t.delegations.roles![0]!;
        return { ...t, delegations: { ...t.delegations, roles: [role, { ...role, keyids: [] }] } };
      },
    });
    expect(verifyChain(forge(p), expected()).delegations.get('targets/alice')?.failure).toBeUndefined();
  });

  it('is nested under one that counts', () => {
    const nested = { name: 'targets/alice/ci', keyids: [bob.open.tufId], paths: [''], threshold: 1 } as const;
    const p = plan({ signers: { alice: [alice] } });
    const keys = new Map([[bob.open.tufId, bob.open.toDocument()]]);
    const parent = targetsDocument(p, { delegations: { keys, roles: [nested] } });
    const child = sign(targetsDocument(p, { targets: p.tags }), [bob]);
    const files = (by: Pair) => forge(p, { 'targets/alice': sign(parent, [by]), 'targets/alice/ci': child });
    expect(verifyChain(files(alice), expected()).delegations.get('targets/alice/ci')).toMatchObject({
      parent: 'targets/alice',
      failure: undefined,
    });
    expect(verifyChain(files(bob), expected()).delegations.has('targets/alice/ci')).toBe(false);
  });
});
