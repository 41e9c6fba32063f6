import type { Block } from '../../acceptance/core/expressions';

/** A tag that several may sign, all of them the same image. */
export const SHARED = 'shared';

/** What one pipeline wants of the repository. No two want anything of the same signer. */
export interface Wish {
  readonly signer: string;
  /** Which of its keys; none: it is no signer. Where there is a key there may be signatures. */
  readonly keys: readonly ('first' | 'renewed' | 'second')[];
  /** Its own tags, and which image each is. */
  readonly tags: ReadonlyMap<string, 0 | 1>;
  readonly sharesTag: boolean;
  /** How often the targets key has been changed, where that is this pipeline's to say. */
  readonly rotation: number | undefined;
}

export interface Person {
  readonly pems: Readonly<Record<Wish['keys'][0], string>>;
  /** Private keys, PEM. */
  readonly secrets: readonly string[];
}

/** What a round is about: see `changed`. */
export type About = 'signers' | 'both';

/**
 * Something else than before: keys more, less or others, a signer who comes or goes; or, where the round is about both, a tag
 * signed, moved or taken back. `random`: from 0 up to 1.
 */
export function changed(wish: Wish, about: About, random: () => number): Wish {
  const pick = <T>(...of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const { tags, keys, sharesTag } = wish;
  if (about === 'both' && pick(true, false)) {
    if (keys.length === 0) return wish;
    return pick(0, 1, 2, 3) === 0 && !sharesTag
      ? { ...wish, sharesTag: true }
      : { ...wish, tags: signed(tags, pick(0, 1), pick('a', 'b', 'c')) };
  }
  if (keys.length === 0) return { ...wish, keys: [pick('first', 'second')] };
  if (tags.size === 0 && !sharesTag) return { ...wish, keys: [] };
  const others = (['first', 'renewed', 'second'] as const).filter((key) => !keys.includes(key));
  if (keys.length > 1) return { ...wish, keys: keys.slice(1) };
  return { ...wish, keys: pick(true, false) ? [...keys, pick(...others)] : others.slice(0, 1) };
}

/** Signed if it was not; else moved to the other image, or taken back. */
function signed(tags: Wish['tags'], which: 0 | 1, tag = 'a'): Wish['tags'] {
  const rest = [...tags].filter(([name]) => name !== tag);
  return new Map(tags.get(tag) === which ? rest : [...rest, [tag, which]]);
}

export interface Place {
  readonly gun: string;
  readonly rootKeyId: string;
  /** Two images of the repository, hex. */
  readonly digests: readonly [string, string];
}

export function blocksOf(wish: Wish, person: Person, { gun, rootKeyId, digests }: Place): Block[] {
  const { signer, keys, tags, sharesTag, rotation } = wish;
  const blocks: Block[] = [];
  if (rotation !== undefined) {
    const settings = {
      name: gun,
      adopt_existing: true,
      expected_root_key_ids: [rootKeyId],
      rotate: { targets: rotation },
    };
    blocks.push({ type: 'dct_repository', name: 'it', settings });
  }
  if (keys.length === 0) return blocks;
  const public_keys = keys.map((key) => person.pems[key]);
  blocks.push({ type: 'dct_signer_delegation', name: 'me', settings: { repository: gun, signer, public_keys } });
  for (const [tag, which] of signaturesOf({ signer, tags, sharesTag })) {
    const settings = {
      repository: gun,
      tag,
      signer: '${dct_signer_delegation.me.signer}',
      digest: `sha256:${digests[which]}`,
    };
    blocks.push({ type: 'dct_signed_tag', name: tag, settings });
  }
  return blocks;
}

/** Tags that the pipeline's signer signs, under the names they have in the repository. */
export function signaturesOf({
  signer,
  tags,
  sharesTag,
}: Pick<Wish, 'signer' | 'tags' | 'sharesTag'>): [string, 0 | 1][] {
  const own = [...tags].map(([tag, which]): [string, 0 | 1] => [`${signer}-${tag}`, which]);
  return sharesTag ? [...own, [SHARED, 0]] : own;
}

/** The same numbers from the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
