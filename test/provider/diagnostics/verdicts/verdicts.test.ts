import { decide } from '../../../../src/admission';
import { openRules, rules } from '../../../../src/admission/rules';
import { stateOfVerdict } from '../../../../src/provider/data-sources/admission';
import { DISORDER } from '../catalogue';
import { saidIn, storedIn } from '../stored';
import { type Case, cases, VERDICTS } from './cases';

type State = ReturnType<typeof stateOfVerdict>;

/** What dct_admission has as its value, and what errors and warnings of a rehearsal take their texts from. */
const verdictOn = ({ image, cluster, trust }: Case): State => stateOfVerdict(decide(image, cluster, trust));

const expected = Object.entries(cases).flatMap(([outcome, all]) =>
  Object.entries(all).map(([name, given]) => ({ outcome, name, given })),
);

describe('the verdict where', () => {
  storedIn(
    VERDICTS,
    Object.fromEntries(expected.map(({ name, given }) => [name, () => verdictOn(given)])),
    (verdict, name) => {
      expect([name, verdict.outcome]).toEqual([name, expected.find((each) => each.name === name)?.outcome]);
      expect(verdict.refusal === null).toBe(verdict.outcome === 'admitted');
      expect(verdict.cure === null).toBe(verdict.outcome === 'admitted');
    },
  );
});

test.each([...Object.values(rules), ...Object.values(openRules)])(
  'a stored verdict goes by the rule: $text',
  (rule) => {
    const verdicts = expected.map(({ given }) => verdictOn(given));
    expect(verdicts.map((verdict) => verdict.rule)).toContainEqual(rule);
  },
);

test('the texts of verdicts are in order', () => {
  expect(
    saidIn(VERDICTS).filter((text) => DISORDER.test(text) || /^\s|[\s.:;,]$/.test(text.replace(/\.$/, ''))),
  ).toEqual([]);
});
