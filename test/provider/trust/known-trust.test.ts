import { PrivateKey, type PublicKey, rootCertificate } from '../../../src/notary/keys';
import { checkVersions } from '../../../src/provider/trust/known-trust';

const gun = 'dtr.test/admin/demo';
const key = PrivateKey.generate();
const root = (year: number): PublicKey => rootCertificate(key, gun, new Date(`${year}-01-01T00:00:00Z`));

// Rule 1: what has been seen is not gone back from.
describe('when trust data is older than an apply has seen', () => {
  const [first, now, twin, later] = [root(2024), root(2026), root(2026), root(2027)];
  const seen = { root: 2, targets: 5, 'targets/alice': 3 };
  const known = { rootKeyIds: [], versions: seen, rootsMade: new Map([[now.tufId, now.certificate!.notBefore]]) };
  const check =
    (versions: Readonly<Record<string, number>>, rootKeys: readonly PublicKey[], by = known) =>
    () => {
      checkVersions(gun, { versions, rootKeys }, by);
    };
  const anew = { root: 1, targets: 1 };

  it.each([
    ['the root is the same', anew, [now]],
    ['the root was made before: what was there before it was made anew', anew, [first]],
    ['the root only has a renewed certificate', { root: 3, targets: 4 }, [later]],
    ['one root key of two is as before', anew, [later, now]],
    ['the root key has no certificate, which would say when it was made', anew, [key.publicKey]],
    ['there is no root', anew, []],
  ])('it is a rollback where %s', (_, versions, rootKeys) => {
    expect(check(versions, rootKeys)).toThrow('is older than it was');
  });

  it('it is one where only versions were remembered', () => {
    expect(check(anew, [later], { ...known, rootsMade: new Map() })).toThrow('older than it was');
  });

  it.each([
    ['later', [later]],
    ['in the same second', [twin]],
  ])('it is not where somebody with the root key has made all of it anew %s', (_, rootKeys) => {
    expect(check(anew, rootKeys)).not.toThrow();
  });
});
