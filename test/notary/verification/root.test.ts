import { type Expectations, verifyRoot } from '../../../src/notary/verification';
import { failing, wordsOf } from '../failing';
import { GUN, NOW, type Pair, plan, rootDocument, rootPair, sign } from '../forge';

const expected = (over: Partial<Expectations> = {}): Expectations => ({ gun: GUN, now: NOW, ...over });
const base = plan();
const [first, second, third] = [rootPair(), rootPair(), rootPair()];
const file = (
  version: number,
  keys: readonly Pair[],
  by: readonly Pair[],
  over: Partial<ReturnType<typeof rootDocument>> = {},
) => sign({ ...rootDocument({ ...base, root: keys, version }), ...over }, by);

const one = file(1, [first], [first]);
const two = file(2, [second], [first, second]);
const three = file(3, [third], [second, third]);

describe('when the root key was rotated', () => {
  it('is verified from file to file', () => {
    expect(verifyRoot([one, two, three], expected()).signed.version).toBe(3);
    expect(verifyRoot([two, three], expected()).validKeyIds).toEqual([third.open.tufId]);
  });

  it('chains from a pinned key, given by either ID', () => {
    for (const rootPins of [
      [first.open.canonicalId],
      [first.open.tufId],
      ['ff', second.open.canonicalId],
      [third.open.canonicalId],
    ]) {
      expect(verifyRoot([one, two, three], expected({ rootPins })).signed.version).toBe(3);
    }
  });

  it('is refused when the pinned key is in none of the files', () => {
    const error = failing(() => verifyRoot([two, three], expected({ rootPins: [first.open.canonicalId] })));
    expect(error?.code).toBe('unpinned_root');
    expect(wordsOf(error)).toContain(first.open.canonicalId);
    expect(wordsOf(error)).toContain(third.open.canonicalId);
  });

  it('is refused when the pinned key is listed but did not sign', () => {
    const stolen = file(3, [third, first], [third]);
    expect(failing(() => verifyRoot([stolen], expected({ rootPins: [first.open.canonicalId] })))?.code).toBe(
      'unpinned_root',
    );
  });

  it('does not look at what comes before the pinned root', () => {
    const broken = file(1, [rootPair()], [rootPair()]);
    expect(verifyRoot([broken, two, three], expected({ rootPins: [second.open.canonicalId] })).signed.version).toBe(3);
  });

  it.each<[string, string, () => Buffer[], ...string[]]>([
    ['the old key did not sign', 'broken_root_chain', () => [one, file(2, [second], [second])], 'before it'],
    [
      'the new key did not sign a step',
      'broken_root_chain',
      () => [one, file(2, [second], [first]), three],
      'its own keys',
    ],
    ['a step is missing', 'broken_root_chain', () => [one, three], 'version 3 follows version 1'],
    ['the order is wrong', 'version_rollback', () => [two, one]],
    ['the same version comes again', 'broken_root_chain', () => [one, file(1, [second], [first, second])]],
  ])('is refused when %s', (_, code, files, ...words) => {
    const error = failing(() => verifyRoot(files(), expected()));
    expect(error?.code).toBe(code);
    for (const word of [GUN, 'role root', ...words]) expect(wordsOf(error)).toContain(word);
  });

  it('may pass over files whose certificates or metadata have expired', () => {
    const old = rootPair(GUN, new Date('2010-01-01T00:00:00Z'));
    const start = file(1, [old], [old], { expires: '2012-01-01T00:00:00Z' });
    expect(verifyRoot([start, file(2, [second], [old, second])], expected()).signed.version).toBe(2);
  });

  it('takes one sound certificate of two', () => {
    const old = rootPair(GUN, new Date('2010-01-01T00:00:00Z'));
    expect(verifyRoot([file(1, [old, first], [first])], expected()).validKeyIds).toEqual([first.open.tufId]);
    expect(failing(() => verifyRoot([file(1, [old, first], [old])], expected()))?.code).toBe('threshold_not_met');
  });
});
