import { codeOf, cureOf } from '../failure';
import { type TagEffect, vouchHash } from './effects';
import { atRisk, namedIn, type RevocationReport } from './report';

/** The report for programs. */
export function revocationJson(report: RevocationReport): string {
  const { ids, isDone, outcomes, topology } = report;
  const json = {
    keyIds: ids,
    dryRun: !isDone,
    repositories: outcomes.map(({ gun, status, standing, effects, signedWith, problem }) => ({
      repository: gun,
      status,
      ...(standing && {
        signers: standing.signers.map(({ name, left }) => ({ name, keysLeft: left.map((key) => key.canonicalId) })),
        inReleasesOnly: standing.releasesOnly.length > 0,
        needRotation: standing.base,
        nested: standing.nested,
      }),
      ...(signedWith && { signedWithIt: signedWith.map(tagJson) }),
      ...(effects && {
        unsigned: effects.unsigned.map(tagJson),
        weakened: effects.weakened.map(tagJson),
        signedAgain: effects.signedAgain.map(({ role, tags, onlyByTheKey }) => ({
          role,
          tags: Object.fromEntries([...tags].map(([tag, sha256]) => [tag, `sha256:${sha256}`])),
          onlyByTheKey,
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
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

function tagJson({ tag, sha256, lost, left }: TagEffect): object {
  return { tag, digest: `sha256:${sha256}`, lost, left };
}
