import { EDITS } from './behind';

/** What has happened in all sequences of a run, so that one which never comes to something is seen. */
export class Tally {
  private readonly counts = new Map<string, number>();

  add(...what: readonly string[]): void {
    for (const each of what) this.counts.set(each, (this.counts.get(each) ?? 0) + 1);
  }

  /** What of these never happened. */
  missing(all: readonly string[]): string[] {
    return all.filter((what) => !this.counts.has(what));
  }
}

const RESOURCES = [
  'dct_trusted_registry',
  'dct_repository',
  'dct_signer_delegation',
  'dct_signed_tag',
  'dct_enforcement',
];
const STEPS = ['configure', 'no refresh', 'anew', 'behind', 'travel', 'fail', 'too late', 'forget', 'import'];

/** What has to happen at least once in a whole run, whatever its seed. */
export const ALL: readonly string[] = [
  ...STEPS.map((step) => `step ${step}`),
  ...EDITS.map((edit) => `behind: ${edit}`),
  ...RESOURCES.flatMap((type) => ['create', 'update', 'replace', 'delete'].map((action) => `${type} ${action}`)),
  ...['a publish', 'a configuration'].flatMap((aim) =>
    ['status', 'reset', 'reply lost by status', 'reply lost by reset', 'reply lost by truncate'].map(
      (kind) => `${aim}: ${kind}`,
    ),
  ),
  ...['dct_repository renewal', 'dct_signed_tag renewal', 'root certificate renewed', 'healed', 'failed in part'],
  ...['refused: would_unsign', 'refused at plan: would_lock_out', 'refused at apply: would_lock_out'],
  ...['runs what is signed', 'all imported', 'a new one found the old one there', 'in state twice'],
];
