import fc from 'fast-check';
import type { BodyPart, HttpRequest } from '../../../src/http';
import { PublicKey, type TrustData, type TrustDraft } from '../../../src/notary';
import { putDemoImage } from '../../../src/sandbox';
import { byHand, changeTrust } from '../by-hand';
import type { World } from '../world';
import { signers } from './people';
import type { Place } from './shape';

/** Something that happens behind Terraform's back; whatever it would change need not be there. */
export type Edit = typeof edits extends fc.Arbitrary<infer E> ? E : never;

// As often as shapes have them: what is not there cannot be changed.
const at = {
  repository: fc.constantFrom(0, 0, 0, 0, 1),
  signer: fc.constantFrom(...signers, 'alice' as const),
  tag: fc.nat(1),
};
const cluster = fc.constantFrom('cluster2', 'cluster2', 'cluster3');

const CLUSTER_EDITS = ['registrations go', 'CA changes', 'policy changes', 'policy goes'] as const;
const TRUST_EDITS = [
  ...([
    'signer goes',
    'signer gets another key',
    'tag is revoked',
    'tag is signed otherwise',
    'stranger signs',
  ] as const),
  ...(['trust data goes', 'nobody can read it', 'tag moves'] as const),
] as const;
/** Every kind of edit. */
export const EDITS: readonly string[] = [...CLUSTER_EDITS, ...TRUST_EDITS];

export const edits = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom(...CLUSTER_EDITS),
      cluster,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constantFrom(...TRUST_EDITS),
      ...at,
    }),
  },
);

/** @returns whether there was something to change */
export async function doBehind(world: World, place: Place, edit: Edit, clock: () => Date): Promise<boolean> {
  if ('cluster' in edit) {
    const ucp = world.sandbox.ucp(edit.cluster);
    const changed = changedConfig(ucp.config, edit.what, place);
    if (changed === ucp.config) return false;
    await ucp.setConfig(changed);
    return true;
  }
  const name = place.names[edit.repository];
  const { signer, tag } = edit;
  const person = place.people[signer];
  const key = (pem: string): PublicKey => PublicKey.fromPem(pem, { label: 'a key of the test' });
  const digest = place.digests[edit.repository]?.[1]?.slice('sha256:'.length) ?? '';
  const everybodys = signers.flatMap((who) => place.people[who].keys);
  const there = await byHand(world, (repository) => repository.read({ allowExpired: true, allowDamaged: true }), {
    name,
    clock,
  });
  const isWhole = there !== undefined && there.trust.damaged.length === 0;
  const change = async (work: (draft: TrustDraft) => unknown): Promise<boolean> => {
    const isSigner = there?.signers.some((each) => each.name === signer) === true;
    if (!isWhole || (!isSigner && edit.what !== 'stranger signs')) return false;
    const before = versionOf(there);
    await changeTrust(world, work, { name, clock, keys: everybodys });
    return (
      before !==
      versionOf(await byHand(world, (repository) => repository.read({ allowExpired: true }), { name, clock }))
    );
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
      if (there === undefined) return false;
      await byHand(world, (repository) => repository.deleteTrustData(), { name, clock });
      return true;
    case 'nobody can read it': {
      if (!isWhole) return false;
      const addSomebody = (draft: TrustDraft) => void draft.addSigner('somebody', [key(person.pems.next)]);
      const options = { name, clock, keys: everybodys, onItsWay: reformatted };
      await expect(changeTrust(world, addSomebody, options)).rejects.toMatchObject({ code: 'not_byte_exact' });
      return true;
    }
    case 'tag moves':
      await putDemoImage(world.sandbox.dtr, name, `t${tag}`, 'pushed again');
      return true;
  }
}

/** Files with a newline at their end: the server takes them, and nobody can read them any more. */
function reformatted(request: HttpRequest): HttpRequest {
  if (!Array.isArray(request.body)) return request;
  const body = request.body.map((part: BodyPart) => ({
    ...part,
    bytes: Buffer.concat([part.bytes, Buffer.from('\n')]),
  }));
  return { ...request, body };
}

function versionOf(data: TrustData | undefined): number | undefined {
  return data?.versions.snapshot;
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
