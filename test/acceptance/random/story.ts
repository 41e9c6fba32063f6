import type { Ended } from './core';
import type { Shape } from './shape';
import type { Tally } from './tally';

/** What may be refused of any sequence: it would take signatures away that nothing says may go. */
export const REFUSED = ['would_unsign', 'conflicting_digest'];

/** What happened in one sequence, for whoever reads of a failure. */
export class Story {
  private readonly lines: string[] = [];
  /** Whether a policy may be in force that no resource has any more. */
  private mayHaveKept = false;

  constructor(private readonly tally: Tally) {}

  tell(line: string): void {
    this.lines.push(line);
  }

  /** This configuration goes. */
  leave({ enforcement }: Shape): void {
    if (enforcement?.on_destroy === 'keep') this.mayHaveKept = true;
  }

  /** @returns what to throw: RightlyRefused for what the provider is right to refuse, else an Error with the whole story */
  wrong(what: string, { errors }: Pick<Ended, 'errors'> = { errors: [] }, refused: readonly string[] = REFUSED): Error {
    const isLost = this.lines.some((line) => line.includes('trust data goes'));
    const code = [...refused, ...(isLost ? ['trust_data_lost'] : [])].find((each) =>
      errors.some((text) => text.includes(`(${each})`)),
    );
    if (code !== undefined) return this.rightly(code);
    const isKept = errors.some((text) => text.includes('enforces another policy already'));
    if (this.mayHaveKept && isKept) return this.rightly('another policy');
    // create_before_destroy of one resource only can be what Terraform itself finds no order for.
    if (errors.some((text) => text.includes('Error: Cycle: '))) return this.rightly('cycle');
    return new Error([what, ...errors, 'What happened:', ...this.lines].join('\n'));
  }

  private rightly(code: string): RightlyRefused {
    this.tally.add(`refused: ${code}`);
    return new RightlyRefused(code);
  }
}

export class RightlyRefused extends Error {}
