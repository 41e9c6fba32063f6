import { decide, type Answer, imageReferenceProblem, parseImageReference, type Verdict } from '../../admission';
import { bool, computed, list, map, object, required, set, string } from '../../plugin';
import { define } from '../define';

const reason = computed(string, {
  description:
    'Why, for programs: `not_enforced`, `allowed_repository`, `signed_as_required`, `registry_not_registered`, ' +
    '`registry_unreadable`, `not_signed`, `policy_not_met`, `readings_differ`, `trust_data_not_read`.',
});
const refusal = computed(string, {
  description:
    'UCP’s own text, as its API answers it when it refuses; null for what is admitted. `docker` prints ' +
    "`Error response from daemon: ` in front, and `docker run` a full stop and `See 'docker run --help'.` behind.",
  nullable: true,
});
const explanation = computed(string, { description: 'What was found: who signed what, and what is required.' });
const cure = computed(string, {
  description: 'What to change so that it runs; null for what is admitted.',
  nullable: true,
});
const rule = computed(
  object({
    text: computed(string, { description: 'The rule.' }),
    label: computed(string, {
      description:
        'How well it is known. `D`: in the vendor’s documents. `C`: seen in the work of others. `I`: inferred. `U`: no ' +
        'document says, or they disagree.',
    }),
    source: computed(string, { description: 'Where it is written.' }),
  }),
  { description: 'The rule that decides.' },
);

export const admission = define.dataSource({
  name: 'admission',
  description:
    'Whether a UCP would run images, and why not: computed from its signing policy, registered registries, users, teams ' +
    'and keys, and from the trust data of the provider’s registry, by what the vendor documents. Where the documents are ' +
    'silent or disagree, every plausible reading is computed: an image is `undocumented` where they do not agree. Trust ' +
    'data of other registries is not read: there only what does not depend on it is decided.',
  attributes: {
    cluster: required(string, { description: 'Name of the UCP in the provider’s `clusters`.' }),
    images: required(set(string), {
      description: 'Images as they would be deployed: `dtr.example.com/admin/trustdemo:1`, with or without a digest.',
      validate: problemOfImages,
    }),
    verdicts: computed(
      map(
        object({
          outcome: computed(string, { description: '`admitted`, `refused` or `undocumented`.' }),
          reason,
          refusal,
          rule,
          explanation,
          cure,
          readings: computed(
            list(
              object({
                name: computed(string, { description: 'How the documents are taken.' }),
                admitted: computed(bool, { description: 'Whether the image would run.' }),
                reason,
                refusal,
                rule,
                explanation,
                cure,
              }),
            ),
            { description: 'Readings that give different answers here; empty where all plausible ones give the same.' },
          ),
        }),
      ),
      { description: 'What becomes of each image, by the image as it was given.' },
    ),
    all_admitted: computed(bool, { description: 'Whether every image is `admitted`.' }),
    id: computed(string, { description: 'The cluster’s name.' }),
  },
  async read({ config, provider }) {
    const hosts = config.images.map((image) => parseImageReference(image).host);
    const facts = await provider.cluster(config.cluster).facts('now', hosts);
    const guns = [...new Set(config.images.map((image) => parseImageReference(image).repository))];
    const trust = new Map(await Promise.all(guns.map(async (gun) => [gun, await provider.signatures(gun)] as const)));
    const verdicts = config.images.map((image): [string, Verdict] => [
      image,
      decide(image, facts, trust.get(parseImageReference(image).repository)),
    ]);
    return {
      cluster: config.cluster,
      images: [...config.images],
      verdicts: Object.fromEntries(verdicts.map(([image, verdict]) => [image, stateOfVerdict(verdict)])),
      all_admitted: verdicts.every(([, { outcome }]) => outcome === 'admitted'),
      id: config.cluster,
    };
  },
});

/** A verdict as Terraform has it. */
export function stateOfVerdict(verdict: Verdict) {
  return {
    outcome: verdict.outcome,
    ...stateOf(verdict),
    readings: verdict.readings.map((reading) => ({
      name: reading.name,
      admitted: reading.admitted,
      ...stateOf(reading),
    })),
  };
}

function stateOf(answer: Omit<Answer, 'admitted'>) {
  return {
    reason: answer.reason,
    refusal: answer.refusal ?? null,
    rule: answer.rule,
    explanation: answer.explanation,
    cure: answer.cure ?? null,
  };
}

function problemOfImages(images: readonly string[]): string | undefined {
  const [problem] = images.flatMap((image) => {
    const found = imageReferenceProblem(image);
    return found === undefined ? [] : [`${found}; ${JSON.stringify(image)} is not`];
  });
  return problem;
}
