import { PrivateKey, TrustData } from '../../../src/notary';
import { checkVersions } from '../../../src/provider/trust/known-trust';
import { verifyChain } from '../../notary/verify-files';
import { forge, GUN, metaOf, NOW, pair, plan, rootPair, sign } from '../../notary/forge';

// Rule 1, for the file of a signer: a server never forgets one (TUF 5.5.5).
describe('when a signer’s file that an apply saw', () => {
  const alice = pair(PrivateKey.generate());
  const base = plan({ signers: { alice: [alice] }, root: [rootPair()] });
  const read = (files: ReturnType<typeof forge>) => {
    const expected = { gun: GUN, now: NOW, allowBrokenDelegations: true };
    return new TrustData(verifyChain(files, expected), 'server');
  };
  const check = (data: TrustData, seen: number) => () => {
    checkVersions(
      GUN,
      { versions: data.versionsFound, rootKeys: data.trust.rootKeys },
      { rootKeyIds: [], versions: { targets: 3, 'targets/alice': seen } },
    );
  };
  const expires = '2026-01-01T00:00:00Z';

  it('is there, or a newer one, nothing is wrong', () => {
    for (const seen of [2, 3]) expect(check(read(forge(base)), seen)).not.toThrow();
  });

  it('is listed no more while the signer stands, that is a rollback', () => {
    const all = forge(base);
    const meta = new Map([
      ['root', metaOf(Buffer.from(all.roots[0]!))],
      ['targets', metaOf(Buffer.from(all.targets))],
    ]);
    const common = { expires: '2028-01-01T00:00:00Z', version: 3, meta };
    const files = { root: Buffer.from(all.roots[0]!), targets: Buffer.from(all.targets) };
    const hidden = forge(base, { ...files, snapshot: sign({ _type: 'Snapshot', ...common }, base.snapshot) });
    expect(read(hidden).versionsFound['targets/alice']).toBe(0);
    expect(check(read(hidden), 3)).toThrow('targets/alice has no file any more, an apply saw version 3');
    // nothing was seen: a signer who has signed nothing yet
    expect(check(read(hidden), 0)).not.toThrow();
  });

  it('is an older one that has expired, that is a rollback and nothing to renew', () => {
    const old = sign(
      { _type: 'Targets', delegations: { keys: new Map(), roles: [] }, expires, targets: new Map(), version: 2 },
      [alice],
    );
    const data = read(forge(base, { 'targets/alice': old }));
    expect(data.expired).toEqual(['targets/alice']);
    expect(check(data, 3)).toThrow('targets/alice is at version 2, an apply saw 3');
  });

  it('is gone with the signer, nothing is wrong', () => {
    expect(check(read(forge({ ...base, signers: {} })), 3)).not.toThrow();
  });
});
