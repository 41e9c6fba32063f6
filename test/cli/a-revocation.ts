import type { TrustDraft } from '../../src/notary';
import { dct, type Run, type RunOptions } from './a-terminal';
import { type Person, sha256Of, type World } from './a-world';

/** What `dct revoke-key --json` says of a tag. */
interface ReportedTag {
  readonly tag: string;
  readonly lost: readonly string[];
  readonly left: readonly string[];
}

/** What `dct revoke-key --json` prints, and its exit code. */
export interface Report {
  readonly code: number;
  readonly dryRun: boolean;
  readonly keyIds: readonly string[];
  readonly topologySigners: readonly string[];
  readonly repositories: readonly {
    readonly repository: string;
    readonly status: string;
    readonly unsigned?: readonly ReportedTag[];
    readonly weakened?: readonly ReportedTag[];
    readonly signedWithIt?: readonly ReportedTag[];
    readonly vouch?: string | null;
    readonly signedAgain?: readonly {
      readonly role: string;
      readonly tags: object;
      readonly onlyByTheKey: string[];
      readonly names: object;
    }[];
    readonly signers?: readonly { readonly name: string; readonly keysLeft: string[] }[];
    readonly rotates?: readonly string[];
    readonly nested?: readonly { readonly role: string; readonly keysLeft: readonly string[] }[];
    readonly newKeys?: Readonly<Record<string, string>>;
    readonly mustAdmit?: readonly object[];
    readonly problem?: { readonly code: string; readonly message: string; readonly cure: string | null };
  }[];
}

/** `whose`: an ID, or whoever's key it is. */
export function revokeKey(
  world: World,
  whose: Person | string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Run> {
  const environment = { ...world.environment, ...options.environment };
  const id = typeof whose === 'string' ? whose : whose.key.canonicalId;
  return dct(['revoke-key', id, ...args], { ...options, environment });
}

export async function reportOf(
  world: World,
  whose: Person | string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Report> {
  const { code, out, err } = await revokeKey(world, whose, [...args, '--json'], options);
  if (out === '') throw new Error(err);
  return { code, ...(JSON.parse(out) as Omit<Report, 'code'>) };
}

export function of(world: World, { repositories }: Report, name: string): Report['repositories'][number] {
  return repositories.find(({ repository }) => repository === world.gun(name))!;
}

export async function sign(draft: TrustDraft, signer: string, tag: string, byte: number): Promise<void> {
  await draft.signTag(signer, tag, { sha256: sha256Of(byte), length: byte });
}
