import type { TrustData } from '../../notary';
import { bool, computed, list, map, number, object, required, set, string } from '../../plugin';
import { define } from '../define';
import { rfc3339 } from '../attributes/instant';
import { repositoryProblem } from '../attributes/names';

export const trustData = define.dataSource({
  name: 'trust_data',
  description:
    'The verified trust data of a repository: its keys, signers, signed tags, and when what ends. Trust data that does ' +
    'not verify is an error. Values with dates and versions change with time and without this configuration (the server ' +
    'renews the timestamp by itself): what is made from them changes with them.',
  attributes: {
    repository: required(string, { description: 'Name or GUN of the repository.', validate: repositoryProblem }),
    gun: computed(string, { description: '`<registry host[:port]>/<namespace>/<repository>`' }),
    exists: computed(bool, {
      description: 'Whether there is trust data. Where there is none, all else is null or empty.',
    }),
    root_key_ids: computed(set(string), { description: 'Canonical IDs of the root keys.' }),
    targets_key_id: computed(string, { description: 'Canonical ID of the targets (repository) key.', nullable: true }),
    snapshot_managed_by: computed(string, {
      description: 'Who signs the snapshot: `server`, or `client` (whoever publishes).',
      nullable: true,
    }),
    signers: computed(
      list(
        object({
          name: computed(string, { description: 'Name of the signer.' }),
          role: computed(string, { description: '`targets/<name>`' }),
          key_ids: computed(set(string), { description: 'Canonical key IDs.' }),
          problem: computed(string, { description: 'Why nothing that the signer signed counts.', nullable: true }),
        }),
      ),
      { description: 'The signers, by name.' },
    ),
    signed_tags: computed(
      list(
        object({
          tag: computed(string, { description: 'The tag.' }),
          digest: computed(string, { description: '`sha256:<64 hex digits>` of the manifest.' }),
          length: computed(number, { description: 'Size of the manifest, bytes.' }),
          signers: computed(set(string), { description: 'Names of the signers that validly signed this digest.' }),
          released: computed(bool, {
            description: 'Whether `targets/releases` has this digest: then docker pulls it and counts its signers.',
          }),
          by_repository_key: computed(bool, {
            description: 'Whether it is signed with the targets key itself (“Repo Admin” of `docker trust inspect`).',
          }),
        }),
      ),
      { description: 'Signed tags, by tag and digest: a tag with several digests stands here several times.' },
    ),
    versions: computed(map(number), { description: 'Version of each document, by role.' }),
    expiries: computed(map(string), {
      description: 'When each document ends, by role (`root`, `targets`, `targets/releases`, …), RFC 3339.',
    }),
    root_certificate_expiry: computed(string, {
      description: 'When the first root certificate ends, RFC 3339. After that the trust data cannot be saved.',
      nullable: true,
    }),
    id: computed(string, { description: 'The GUN.' }),
  },
  async read({ config, provider }) {
    const gun = provider.gun(config.repository);
    const data = await provider.repository(gun).read('cached');
    return { repository: config.repository, gun, exists: data !== undefined, ...contentOf(data), id: gun };
  },
});

function contentOf(data: TrustData | undefined) {
  return {
    root_key_ids: [...(data?.rootKeyIds ?? [])],
    targets_key_id: data?.targetsKeyId ?? null,
    snapshot_managed_by: data?.snapshotManagedBy ?? null,
    signers: (data?.signers ?? [])
      .map(({ name, role, keys, failure }) => ({
        name,
        role,
        key_ids: [...new Set(keys.map((key) => key.canonicalId))],
        problem: failure?.message ?? null,
      }))
      .sort((a, b) => compare(a.name, b.name)),
    signed_tags: data === undefined ? [] : signedTags(data),
    versions: Object.fromEntries(Object.entries(data?.versions ?? {}).map(([role, version]) => [role, version ?? 0])),
    expiries: Object.fromEntries([...(data?.expiries ?? [])].map(([role, instant]) => [role, rfc3339(instant)])),
    root_certificate_expiry: data?.rootCertificateExpiry === undefined ? null : rfc3339(data.rootCertificateExpiry),
  };
}

function signedTags(data: TrustData) {
  return data.tags.flatMap((tag) => {
    const signatures = data.signatures(tag);
    const released = data.releasedTarget(tag);
    const own = data.ownTarget(tag);
    const found = new Map([...signatures, released, own].flatMap((each) => (each ? [[each.sha256, each.length]] : [])));
    return [...found]
      .sort(([a], [b]) => compare(a, b))
      .map(([sha256, length]) => ({
        tag,
        digest: `sha256:${sha256}`,
        length,
        signers: signatures.filter((each) => each.sha256 === sha256).map(({ signer }) => signer),
        released: released?.sha256 === sha256,
        by_repository_key: own?.sha256 === sha256,
      }));
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
