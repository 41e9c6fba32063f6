import { codeOf, cureOf } from '../failure';
import { type TagEffect, vouchHash } from './effects';
import { atRisk, namedIn, pinnedTo, type RevocationReport } from './report';

/** The report for programs. */
export function revocationJson(report: RevocationReport): string {
  const { ids, isDone, outcomes, topology } = report;
  const json = {
    keyIds: ids,
    dryRun: !isDone,
    repositories: outcomes.map(({ gun, status, standing, effects, signedWith, newKeys, problem }) => ({
      repository: gun,
      status,
      ...(standing && {
        signers: standing.signers.map(({ name, left }) => ({ name, keysLeft: left.map((key) => key.canonicalId) })),
        inReleasesOnly: standing.releasesOnly.length > 0,
        rotates: standing.base,
        nested: standing.nested.map(({ role, left }) => ({ role, keysLeft: left.map((key) => key.canonicalId) })),
      }),
      ...(newKeys && { newKeys: Object.fromEntries(newKeys) }),
      ...(signedWith && { signedWithIt: signedWith.map(tagJson) }),
      ...(effects && {
        unsigned: effects.unsigned.map(tagJson),
        weakened: effects.weakened.map(tagJson),
        signedAgain: effects.signedAgain.map(({ role, tags, onlyByTheKey, names }) => ({
          role,
          tags: Object.fromEntries([...tags].map(([tag, sha256]) => [tag, `sha256:${sha256}`])),
          onlyByTheKey,
          names: Object.fromEntries(names),
        })),
        vouch: vouchHash(gun, effects) ?? null,
        stillListed: effects.stuck,
        mustAdmit: atRisk(topology, gun, effects),
      }),
      ...(problem && {
        problem: { code: codeOf(problem), message: problem.message, cure: cureOf(problem) ?? null },
      }),
    })),
    topologySigners: namedIn(report),
    topologyPins: pinnedTo(report),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

function tagJson({ tag, sha256, lost, left }: TagEffect): object {
  return { tag, digest: `sha256:${sha256}`, lost, left };
}
