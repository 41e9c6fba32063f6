import { addressProblem, fingerprintProblem, imageProblem, keyIdProblem } from './connections';
import { digestProblem, hostAddressProblem, repositoryProblem, signerProblem, tagProblem } from './names';
import { didYouMean } from './nearest';
import type { Problem } from './refusal';
import type { RepositoryTopology, Topology } from './topology';
import { dotted as key, unknownKeys } from './topology-keys';

/** What is wrong with a topology as a whole, each with where: `repositories."admin/trustdemo".signers[0]: …`. */
export function topologyProblems(topology: Topology): string[] {
  const { registry, clusters, repositories = {}, rootPins = {} } = topology;
  const signers = Object.entries(clusters).flatMap(([cluster, { signers = {} }]) =>
    Object.keys(signers).map((signer) => `${cluster}/${signer}`),
  );
  return [
    ...unknownKeys(topology),
    ...at('registry.hostAddress', hostAddressProblem(registry.hostAddress)),
    ...given('registry.caSha256', registry.caSha256, fingerprintProblem),
    ...given('registry.notaryUrl', registry.notaryUrl, addressProblem),
    ...Object.entries(clusters).flatMap(([name, cluster]) => [
      ...at(`clusters${key(name)}`, clusterNameProblem(name)),
      ...given(`clusters${key(name)}.endpoint`, cluster.endpoint, addressProblem),
      ...each(`clusters${key(name)}.mustAdmit`, cluster.mustAdmit, imageProblem),
      ...Object.keys(cluster.signers ?? {}).flatMap((signer) =>
        at(`clusters${key(name)}.signers${key(signer)}`, signerProblem(signer)),
      ),
    ]),
    ...Object.entries(repositories).flatMap(([name, repository]) => {
      const where = `repositories${key(name)}`;
      return [
        ...at(where, repositoryProblem(name, registry.hostAddress)),
        ...each(`${where}.expectedRootKeyIds`, repository.expectedRootKeyIds, keyIdProblem),
        ...signerProblems(where, repository, signers),
      ];
    }),
    ...given('trustStore.rootKeyId', topology.trustStore?.rootKeyId, keyIdProblem),
    ...Object.entries(rootPins).flatMap(([prefix, ids]) => each(`rootPins${key(prefix)}`, ids, keyIdProblem)),
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

type Check = (value: string) => Problem | undefined;

function given(where: string, value: string | undefined, check: Check): string[] {
  return value === undefined ? [] : at(where, check(value));
}

function each(where: string, values: readonly string[] = [], check: Check): string[] {
  return values.flatMap((value, index) => at(`${where}[${index}]`, check(value)));
}

function at(where: string, problem: Problem | undefined): string[] {
  return problem === undefined ? [] : [`${where}: ${problem.rule}; ${problem.cure}`];
}
