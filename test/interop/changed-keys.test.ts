import { PrivateKey, type PublicKey, rootCertificate } from '../../src/notary/keys';
import type { Operator } from './docker';
import { ourClient, rootOf } from './ours';
import { describeCasesOn } from './cases';
import { startTrustStack, type TrustStack } from './stack';
import { remoteSigner } from './variants';

// Rule 5 on the real notary-server, judged by docker (reference: changing keys, what breaks).

const [alice, bob, carol] = [PrivateKey.generate(), PrivateKey.generate(), PrivateKey.generate()];
const signers = { alice, bob, carol };

describeCasesOn([remoteSigner], 'When the keys of signers change', (testCase, variant) => {
  let stack: TrustStack;
  let operator: Operator;
  let made = 0;
  const about = (what: string) => ({ what, theirs: ['docker'] as const, server: variant.name });
  beforeAll(async () => {
    stack = await startTrustStack(variant.options);
    operator = await stack.operator('ops');
  });
  afterAll(() => stack.close());

  /** bob and carol signed v1, then alice v2: releases carries the signature of alice alone. */
  async function begin() {
    const name = `admin/keys${made++}`;
    const [one, two] = [await stack.push(name, 'v1'), await stack.push(name, 'v2')];
    const everybody = ourClient(stack, operator, name);
    await everybody.repository.initialise(rootOf(everybody.store));
    await everybody.repository.change((draft) => {
      for (const [signer, key] of Object.entries(signers)) draft.addSigner(signer, [key.publicKey]);
    });
    const as = async (keys: readonly PrivateKey[], ...change: Parameters<typeof everybody.repository.change>) => {
      const client = ourClient(stack, operator, name, { keys });
      await client.repository.change(...change).finally(client.close);
    };
    await as([bob], (draft) => draft.signTag('bob', 'v1', one));
    await as([carol], (draft) => draft.signTag('carol', 'v1', one));
    await as([alice], (draft) => draft.signTag('alice', 'v2', two));
    await everybody.close();
    const seen = async () => {
      const { SignedTags } = await operator.inspect(everybody.gun);
      return Object.fromEntries(SignedTags.map(({ SignedTag, Signers }) => [SignedTag, [...Signers].sort()]));
    };
    expect(await seen()).toEqual({ v1: ['bob', 'carol'], v2: ['alice'] });
    return { as, seen };
  }

  testCase(about('one of three is removed where one who stays can sign again'), async () => {
    const { as, seen } = await begin();
    await as([bob], (draft) => draft.removeSigner('alice'));
    expect(await seen()).toMatchObject({ v1: ['bob', 'carol'] });
  });

  const renewed = (): PublicKey => rootCertificate(alice, 'alice', new Date());
  const next = PrivateKey.generate();
  const refusals: [string, readonly PrivateKey[], (draft: Draft) => unknown][] = [
    ['one of three removed', [alice], (draft) => draft.removeSigner('alice')],
    ['a certificate renewed', [], (draft) => draft.setSignerKeys('alice', [renewed()])],
    ['a key replaced', [alice, bob], (draft) => draft.setSignerKeys('alice', [next.publicKey])],
  ];
  for (const [what, keys, change] of refusals) {
    testCase(about(`without the key that is needed ${what} is refused, and nothing changes`), async () => {
      const { as, seen } = await begin();
      await expect(as(keys, change)).rejects.toMatchObject({ code: 'would_unsign' });
      expect(await seen()).toEqual({ v1: ['bob', 'carol'], v2: ['alice'] });
    });
  }

  const replacements: [string, PrivateKey, () => PublicKey][] = [
    ['a certificate over the same key is renewed', alice, renewed],
    ['a key is replaced', next, () => next.publicKey],
  ];
  for (const [what, key, publicKey] of replacements) {
    testCase(about(`with the key at hand ${what}, and every signature stays`), async () => {
      const { as, seen } = await begin();
      await as([key], (draft) => draft.setSignerKeys('alice', [publicKey()]));
      expect(await seen()).toEqual({ v1: ['bob', 'carol'], v2: ['alice'] });
    });
  }

  testCase(about('side by side with the old certificate the new one needs no key'), async () => {
    const { as, seen } = await begin();
    await as([], (draft) => draft.setSignerKeys('alice', [alice.publicKey, renewed()]));
    expect(await seen()).toEqual({ v1: ['bob', 'carol'], v2: ['alice'] });
  });

  testCase(about('a signer who comes back brings the old signatures back'), async () => {
    const { as, seen } = await begin();
    await as([bob], (draft) => draft.removeSigner('alice'));
    await as([], (draft) => draft.addSigner('alice', [alice.publicKey]));
    expect(await seen()).toEqual({ v1: ['bob', 'carol'], v2: ['alice'] });
  });
});

type Draft = Parameters<Parameters<ReturnType<typeof ourClient>['repository']['change']>[0]>[0];
