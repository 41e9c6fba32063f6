import fc from 'fast-check';
import type { Settings } from '../configuration';
import { addressOf, type Block } from '../core/expressions';
import { forms, type People, signers } from './people';

/** What a configuration is made from, as fast-check draws and shrinks it. */
export type Shape = typeof shapes extends fc.Arbitrary<infer S> ? S : never;

// fast-check makes null one time in `freq`: with 1 it makes nothing else.
const often = <T>(arb: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arb, { freq: 4 });
const maybe = <T>(arb: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arb, { freq: 2 });
const rarely = <T>(arb: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: arb });
const seldom = fc.integer({ min: 0, max: 7 }).map((n) => n === 7);
const some = <T>(values: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...values]);

const delegation = fc.record({
  forms: fc.subarray([...forms], { minLength: 1, maxLength: 2 }),
  allow_unsigning: fc.boolean(),
  later: seldom,
});
const signature = fc.record({
  on_destroy: seldom.map((keep) => (keep ? 'keep' : 'revoke')),
  days: fc.constantFrom(30, 400),
});
const delegations = fc.record({ alice: often(delegation), bob: rarely(delegation), carol: rarely(delegation) });
const signatures = fc.record({ alice: maybe(signature), bob: maybe(signature), carol: rarely(signature) });
const counter = fc.integer({ min: 0, max: 2 });
const cluster = fc.constantFrom('cluster2', 'cluster2', 'cluster3');
const repository = fc.record({
  asGun: fc.boolean(),
  on_destroy: fc.constantFrom('delete', 'keep'),
  when_lost: seldom.map((isError) => (isError ? 'error' : 'recreate')),
  days: fc.constantFrom(30, 400),
  rotate: rarely(fc.record({ targets: counter, snapshot: counter, timestamp: counter })),
  later: seldom,
  first: seldom,
  signers: delegations,
  /** Which image a tag is. */
  digests: fc.tuple(fc.nat(1), fc.nat(1)),
  signatures: fc.tuple(signatures, signatures),
});

export const shapes = fc.record({
  /** Numbers of tags of the first repository that clusters have to be able to run. */
  mustAdmit: rarely(fc.subarray([0, 1], { minLength: 1 })),
  registration: often(
    fc.record({
      cluster,
      host: fc.constantFrom('default', 'other.example.com', 'named'),
      ca: fc.constantFrom('default', 'crlf', 'other'),
      first: seldom,
    }),
  ),
  repositories: fc.tuple(
    often(repository),
    seldom.chain((two) => (two ? repository : fc.constant(null))),
  ),
  enforcement: often(
    fc.record({
      cluster,
      on: fc.boolean(),
      teams: fc.option(some(['docker-datacenter/release', 'docker-datacenter/qa'])),
      allow: fc.option(some(['docker.io/library/nginx', 'docker.io/mirantis/dtr-registry'])),
      on_destroy: fc.constantFrom('restore', 'disable', 'keep'),
      later: seldom,
      first: seldom,
    }),
  ),
});

/** What differs from one run of a sequence to the next. */
export interface Place {
  /** Names of its two repositories, and of nobody else's. */
  readonly names: readonly [string, string];
  readonly hostAddress: string;
  readonly ca: string;
  readonly otherCa: string;
  /** Digests of each repository's two images. */
  readonly digests: readonly (readonly [string, string])[];
  readonly rootKeyId: string;
  readonly people: People;
}

/** Images that the clusters of this configuration have to be able to run. */
export function mustAdmitOf({ mustAdmit }: Shape, { names, hostAddress }: Place): string[] {
  return (mustAdmit ?? []).map((tag) => `${hostAddress}/${names[0]}:t${tag}`);
}

export function blocksOf(shape: Shape, place: Place): Block[] {
  const later: Block[] = [];
  /** The same text, but known only at apply while it is new. */
  const unknownAtFirst = (name: string, input: string): string => {
    later.push({ type: 'terraform_data', name, settings: { input } });
    return `\${terraform_data.${name}.output}`;
  };
  const registrations = shape.registration === null ? [] : [registration(shape.registration, place)];
  const repositories = shape.repositories.flatMap((each, index) =>
    each === null ? [] : repositoryBlocks(each, index, place, unknownAtFirst),
  );
  const { enforcement } = shape;
  const after = [...registrations, ...repositories.filter(({ type }) => type === 'dct_signed_tag')].map(addressOf);
  const enforcements =
    enforcement === null
      ? []
      : [
          {
            type: 'dct_enforcement',
            name: 'it',
            settings: {
              cluster: enforcement.cluster,
              require_content_trust: enforcement.on,
              require_signature_from: enforcement.later
                ? ['docker-datacenter/release', `docker-datacenter/${unknownAtFirst('team', 'qa')}`]
                : enforcement.teams,
              allow_repositories: enforcement.allow,
              on_destroy: enforcement.on_destroy,
            },
            after,
            createBeforeDestroy: enforcement.first,
          },
        ];
  return [...later, ...registrations, ...repositories, ...enforcements];
}

function registration(of: NonNullable<Shape['registration']>, { hostAddress, ca, otherCa }: Place): Block {
  const host = of.host === 'named' ? hostAddress : of.host === 'default' ? undefined : of.host;
  // With another CA than its own the provider's registry would be of no use, and is refused.
  const other = host === undefined || host === hostAddress ? ca : otherCa;
  const pem = { default: undefined, crlf: ca.replaceAll('\n', '\r\n'), other }[of.ca];
  const settings: Settings = {
    cluster: of.cluster,
    ...(host !== undefined && { host_address: host }),
    ...(pem !== undefined && { ca_bundle: pem }),
  };
  return { type: 'dct_trusted_registry', name: 'it', settings, createBeforeDestroy: of.first };
}

function repositoryBlocks(
  of: NonNullable<Shape['repositories'][0]>,
  index: number,
  { names, hostAddress, digests, rootKeyId, people }: Place,
  unknownAtFirst: (name: string, input: string) => string,
): Block[] {
  const name = names[index] ?? '';
  const [namespace = '', own = ''] = name.split('/');
  const written = of.later
    ? `${namespace}/${unknownAtFirst(`name${index}`, own)}`
    : of.asGun
      ? `${hostAddress}/${name}`
      : name;
  const repository: Block = {
    type: 'dct_repository',
    name: `r${index}`,
    settings: {
      name: written,
      on_destroy: of.on_destroy,
      when_lost: of.when_lost,
      min_validity_days: of.days,
      adopt_existing: true,
      expected_root_key_ids: [rootKeyId],
      ...(of.rotate && { rotate: of.rotate }),
    },
    createBeforeDestroy: of.first,
  };
  const gun = `\${dct_repository.r${index}.gun}`;
  const there = signers.filter((signer) => of.signers[signer] !== null);
  const delegations = there.map((signer): Block => {
    const { forms: given = [], allow_unsigning = false, later = false } = of.signers[signer] ?? {};
    const pems = given.map((form) => people[signer].pems[form]);
    const keys = later ? pems.map((pem, i) => unknownAtFirst(`${signer}${index}key${i}`, pem)) : pems;
    const settings = { repository: gun, signer, public_keys: keys, allow_unsigning };
    return { type: 'dct_signer_delegation', name: `${signer}${index}`, settings };
  });
  const signatures = of.signatures.flatMap((bySigner, tag) =>
    there.flatMap((signer): Block[] => {
      const signed = bySigner[signer];
      if (signed === null) return [];
      const { on_destroy, days } = signed;
      const settings = {
        repository: gun,
        tag: `t${tag}`,
        signer: `\${dct_signer_delegation.${signer}${index}.signer}`,
        digest: digests[index]?.[of.digests[tag] ?? 0] ?? '',
        on_destroy,
        min_validity_days: days,
      };
      return [{ type: 'dct_signed_tag', name: `${signer}${index}t${tag}`, settings }];
    }),
  );
  return [repository, ...delegations, ...signatures];
}
