import type { IConstruct } from 'constructs';
import { DctError } from '../error';
import type { Topology } from './topology';
import { topologyProblems } from './topology-problems';

/** Throws `invalid_construct` with everything that is wrong with the topology as a whole. */
export function requireSound(construct: IConstruct, topology: Topology): void {
  const problems = topologyProblems(topology);
  if (problems.length === 0) return;
  throw new DctError('invalid_construct', problems.map((problem) => `[${construct.node.path}] ${problem}`).join('\n'));
}
