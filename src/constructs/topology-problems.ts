import { digestProblem, hostAddressProblem, repositoryProblem, signerProblem, tagProblem } from './names';
import { didYouMean } from './nearest';
import type { Problem } from './refusal';
import type { RepositoryTopology, Topology } from './topology';

/** What is wrong with a topology as a whole, each with where: `repositories."admin/trustdemo".signers[0]: …`. */
export function topologyProblems({ registry, clusters, repositories = {} }: Topology): string[] {
  const signers = Object.entries(clusters).flatMap(([cluster, { signers = {} }]) =>
    Object.keys(signers).map((signer) => `${cluster}/${signer}`),
  );
  return [
    ...at('registry.hostAddress', hostAddressProblem(registry.hostAddress)),
    ...Object.entries(clusters).flatMap(([name, cluster]) => [
      ...at(`clusters${key(name)}`, clusterNameProblem(name)),
      ...Object.keys(cluster.signers ?? {}).flatMap((signer) =>
        at(`clusters${key(name)}.signers${key(signer)}`, signerProblem(signer)),
      ),
    ]),
    ...Object.entries(repositories).flatMap(([name, repository]) => {
      const where = `repositories${key(name)}`;
      return [
        ...at(where, repositoryProblem(name, registry.hostAddress)),
        ...signerProblems(where, repository, signers),
      ];
    }),
  ];
}

function signerProblems(where: string, { signers = [], tags = {} }: RepositoryTopology, known: string[]): string[] {
  const namesake = (reference: string) =>
    signers.find((other) => other !== reference && signerName(other) === signerName(reference));
  return [
    ...signers.flatMap((reference, index) => [
      ...at(`${where}.signers[${index}]`, referenceProblem(reference, known)),
      ...at(`${where}.signers[${index}]`, namesakeProblem(reference, namesake(reference))),
    ]),
    ...Object.entries(tags).flatMap(([tag, { digest, signedBy }]) => [
      ...at(`${where}.tags${key(tag)}`, tagProblem(tag)),
      ...at(`${where}.tags${key(tag)}.digest`, digestProblem(digest)),
      ...signedBy.flatMap((reference, index) =>
        at(
          `${where}.tags${key(tag)}.signedBy[${index}]`,
          referenceProblem(reference, known) ?? delegationProblem(reference, signers),
        ),
      ),
    ]),
  ];
}

function clusterNameProblem(name: string): Problem | undefined {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)) return undefined;
  return {
    rule: `${JSON.stringify(name)} cannot be the name of a cluster`,
    cure: 'use letters, digits, "_", "." and "-", beginning with a letter or digit',
  };
}

function referenceProblem(reference: string, known: string[]): Problem | undefined {
  if (known.includes(reference)) return undefined;
  return {
    rule: `there is no signer ${JSON.stringify(reference)} in clusters`,
    cure: didYouMean(reference, known) ?? 'a signer is referred to as "<cluster>/<signer>"',
  };
}

function delegationProblem(reference: string, signers: readonly string[]): Problem | undefined {
  if (signers.includes(reference)) return undefined;
  return { rule: `${reference} is not a signer of this repository`, cure: 'add it to the repository’s signers' };
}

function namesakeProblem(reference: string, other: string | undefined): Problem | undefined {
  if (other === undefined) return undefined;
  return {
    rule: `${reference} and ${other} would be one delegation, targets/${signerName(reference)}`,
    cure: 'give one of the two signers another name',
  };
}

function signerName(reference: string): string {
  return reference.slice(reference.indexOf('/') + 1);
}

function at(where: string, problem: Problem | undefined): string[] {
  return problem === undefined ? [] : [`${where}: ${problem.rule}; ${problem.cure}`];
}

function key(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? `.${name}` : `.${JSON.stringify(name)}`;
}
