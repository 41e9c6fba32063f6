import type { IConstruct } from 'constructs';
import { DctError } from '../error';

/**
 * An error at synth: which construct, which rule, what to do. The cure stands in the message too, since the CDK's command
 * prints nothing else.
 */
export function refusal(construct: IConstruct, rule: string, cure: string): DctError {
  return new DctError('invalid_construct', `[${construct.node.path}] ${rule}; ${cure}`, { cure });
}

/** Throws when there is a problem. */
export function refuse(construct: IConstruct, problem: Problem | undefined): void {
  if (problem !== undefined) throw refusal(construct, problem.rule, problem.cure);
}

/** What is wrong with a value, and what to write instead. */
export interface Problem {
  readonly rule: string;
  readonly cure: string;
}
