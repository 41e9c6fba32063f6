import fc from 'fast-check';
import { PublicKey, type TrustDraft } from '../../../src/notary';
import { putDemoImage } from '../../../src/sandbox';
import { byHand, changeTrust } from '../by-hand';
import type { World } from '../world';
import { signers } from './people';
import type { Place } from './shape';

/** Something that happens behind Terraform's back; whatever it would change need not be there. */
export type Edit = typeof edits extends fc.Arbitrary<infer E> ? E : never;

const at = { repository: fc.nat(1), signer: fc.constantFrom(...signers), tag: fc.nat(1) };
const cluster = fc.constantFrom('cluster2', 'cluster3');

export const edits = fc.oneof(
  fc.record({ what: fc.constantFrom('registrations go', 'CA changes', 'policy changes', 'policy goes'), cluster }),
  fc.record({
    what: fc.constantFrom(
      'signer goes',
      'signer gets another key',
      'tag is revoked',
      'tag is signed otherwise',
      'stranger signs',
      'trust data goes',
      'tag moves',
    ),
    ...at,
  }),
);

export async function doBehind(world: World, place: Place, edit: Edit, clock: () => Date): Promise<void> {
  if ('cluster' in edit) {
    const ucp = world.sandbox.ucp(edit.cluster);
    await ucp.setConfig(changedConfig(ucp.config, edit.what, place));
    return;
  }
  const name = place.names[edit.repository] ?? '';
  const { signer, tag } = edit;
  const person = place.people[signer];
  const key = (pem: string): PublicKey => PublicKey.fromPem(pem, { label: 'a key of the test' });
  const digest = place.digests[edit.repository]?.[1]?.slice('sha256:'.length) ?? '';
  const everybodys = signers.flatMap((who) => place.people[who].keys);
  const change = async (work: (draft: TrustDraft) => unknown): Promise<void> => {
    const there = await byHand(world, (repository) => repository.read({ allowExpired: true }), { name, clock });
    if (there === undefined) return;
    const isSigner = there.signers.some((each) => each.name === signer);
    if (!isSigner && edit.what !== 'stranger signs') return;
    await changeTrust(world, work, { name, clock, keys: everybodys });
  };
  switch (edit.what) {
    case 'signer goes':
      return change((draft) => draft.removeSigner(signer, { allowUnsigning: true }));
    case 'signer gets another key':
      return change((draft) => draft.setSignerKeys(signer, [key(person.pems.next)], { allowUnsigning: true }));
    case 'tag is revoked':
      return change((draft) => draft.revokeTag(signer, `t${tag}`));
    case 'tag is signed otherwise':
      return change(async (draft) => {
        const replaces = place.digests[edit.repository]?.map((each) => each.slice('sha256:'.length)) ?? [];
        await draft.signTag(signer, `t${tag}`, { sha256: digest, length: 1 }, { replaces });
      });
    case 'stranger signs':
      return change(async (draft) => {
        draft.addSigner('stranger', [key(person.pems.certificate)]);
        await draft.signTag('stranger', 'theirs', { sha256: digest, length: 1 });
      });
    case 'trust data goes':
      return byHand(world, (repository) => repository.deleteTrustData(), { name, clock });
    case 'tag moves':
      await putDemoImage(world.sandbox.dtr, name, `t${tag}`, 'pushed again');
  }
}

function changedConfig(config: string, what: string, { otherCa }: Place): string {
  switch (what) {
    case 'registrations go':
      return config.replace(/\[\[registries\]\]\n(?: .*\n)*/g, '');
    case 'CA changes':
      return config.replaceAll(/ca_bundle = ".*"/g, `ca_bundle = ${JSON.stringify(otherCa)}`);
    case 'policy changes':
      // One that somebody has where there was none of ours is not taken over: see adoption.test.ts.
      if (!config.includes('require_content_trust = true')) return config;
      return config.replace(/require_signature_from = \[.*\]/, 'require_signature_from = ["docker-datacenter/qa"]');
    default:
      return config.replace(/\[trust_configuration\]\n(?: .*\n)*/, '');
  }
}
