import fc from 'fast-check';
import { edits } from './behind';
import { faults } from './faults';
import { shapes } from './shape';

const which = fc.nat(30);

/** So many days later: also when a root is due, which is a year before its ten are over. */
const days = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 1080 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1081, max: 3285 }) },
  { weight: 3, arbitrary: fc.integer({ min: 3286, max: 3650 }) },
);

/** One thing that happens. `which`: a resource of the state, by number. */
export const steps = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('configure'), shape: shapes }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('behind'), edits: fc.array(edits, { minLength: 1, maxLength: 4 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('travel'), days }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('fail'),
      shape: shapes,
      faults: fc.array(faults, { minLength: 1, maxLength: 3 }),
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
  steps: fc.constantFrom(1, 1, 2).chain((length) => fc.array(steps, { minLength: length, maxLength: length })),
  /** Whether all of it is imported in the end, and destroyed. */
  imports: fc.nat(3).map((n) => n === 0),
  destroys: fc.boolean(),
});
/** Fewer steps, for real Terraform: each run of it costs as much as a whole sequence does in this process. */
export const shortSequences = fc.record({
  first: shapes,
  steps: fc.array(steps, { minLength: 1, maxLength: 1 }),
  imports: fc.constant(false),
  destroys: fc.constant(true),
});
export type Sequence = typeof sequences extends fc.Arbitrary<infer S> ? S : never;
