import { answer } from './answer';
import type { ClusterFacts, RepositoryTrust } from './facts';
import { parseImageReference } from './image-reference';
import { nameOf, openQuestions } from './open-questions';
import { combinations, distinct, type Question, relevantQuestions } from './readings';
import { openRules } from './rules';
import type { Reading, Verdict } from './verdict';

/**
 * Whether the cluster would run the image, by what the vendor documents (ucp-dtr.md, A2). Where the documents are silent or
 * disagree, every plausible reading is computed: where all agree that is the outcome, else it is `undocumented`.
 */
export function decide(image: string, cluster: ClusterFacts, trust: RepositoryTrust): Verdict {
  const reference = parseImageReference(image);
  const all = combinations(openQuestions(reference, cluster, trust)).map((assumes) => ({
    assumes,
    answer: answer(reference, cluster, trust, assumes),
  }));
  const questions = relevantQuestions(all, ({ admitted, refusal }) => [admitted, refusal]);
  const readings = distinct(all, questions).map((reading): Reading => ({
    ...reading.answer,
    name: nameOf(reading.assumes),
    assumes: reading.assumes,
  }));
  const [decisive] = relevantQuestions(all, ({ admitted }) => admitted).reverse();
  return verdictOf(readings, decisive);
}

function verdictOf(readings: readonly Reading[], decisive: Question | undefined): Verdict {
  const refusing = readings.filter((reading) => !reading.admitted);
  const [any] = [...refusing, ...readings];
  if (any === undefined) throw new Error('there is always a reading');
  const { reason, refusal, rule, explanation } = any;
  const told = readings.length === 1 ? [] : readings;
  const cures = [...new Set(refusing.flatMap((reading) => reading.cure ?? []))];
  const cure = cures.length === 0 ? undefined : cures.join('; ');
  if (refusing.length === 0 || refusing.length === readings.length) {
    const outcome = refusing.length === 0 ? 'admitted' : 'refused';
    return { outcome, reason, refusal, rule, explanation, cure, readings: told };
  }
  return {
    outcome: 'undocumented',
    reason: decisive === 'trustData' ? 'trust_data_not_read' : 'readings_differ',
    refusal,
    rule: decisive === undefined ? rule : openRules[decisive],
    explanation: [explanation, ...readings.map(inShort)].join('. '),
    cure,
    readings: told,
  };
}

function inShort({ name, admitted }: Reading): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}: ${admitted ? 'admitted' : 'refused'}`;
}
