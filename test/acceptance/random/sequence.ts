import fc from 'fast-check';
import type { FaultOrder } from '../../../src/sandbox/faults';
import { edits } from './behind';
import { shapes } from './shape';

const server = fc.constantFrom('registry', 'cluster2', 'cluster3');
const which = fc.nat(30);

/** What a server does to a write, the so-manieth of them. */
const faults = fc.record({
  server,
  method: fc.constantFrom('POST', 'PUT', 'GET'),
  before: fc.nat(3),
  kind: fc.constantFrom<FaultOrder['kind'][]>('status', 'reset', 'truncate'),
  after: fc.boolean(),
});
export type Fault = typeof faults extends fc.Arbitrary<infer F> ? F : never;

/** One thing that happens. `which`: a resource of the state, by number. */
export const steps = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('configure'), shape: shapes }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('behind'), edits: fc.array(edits, { minLength: 1, maxLength: 3 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('travel'), days: fc.integer({ min: 1, max: 1080 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('fail'),
      shape: shapes,
      faults: fc.array(faults, { minLength: 1, maxLength: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('too late'), shape: shapes, edit: edits }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('anew'), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('import'), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget'), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('no refresh'), shape: shapes }) },
);
export type Step = typeof steps extends fc.Arbitrary<infer S> ? S : never;

export const sequences = fc.record({
  first: shapes,
  steps: fc.array(steps, { minLength: 1, maxLength: 3, size: 'max' }),
});
/** Fewer steps, for real Terraform: each run of it costs as much as a whole sequence does in this process. */
export const shortSequences = fc.record({ first: shapes, steps: fc.array(steps, { minLength: 1, maxLength: 1 }) });
export type Sequence = typeof sequences extends fc.Arbitrary<infer S> ? S : never;
