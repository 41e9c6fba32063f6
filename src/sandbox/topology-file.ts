/** What the topology file of a sandbox is made from. */
export interface TopologyParts {
  /** `localhost:<port>` of the DTR. */
  readonly hostAddress: string;
  readonly username: string;
  /** Names of the remote clusters that take part. */
  readonly clusters: readonly string[];
  /** Digest by image, `admin/trustdemo:1`. */
  readonly digests: Readonly<Record<string, string>>;
}

/** The team whose signature a sandbox's topology asks for. */
export const releaseTeam = { organisation: 'docker-datacenter', name: 'release' } as const;

/**
 * A topology to try: every cluster enforces its own release team; `admin/trustdemo:1` is signed for all of them, `:2` for
 * the first one only (with a single cluster: by a user who is not in the team). Paths are relative to the file.
 */
export function topologyFile(parts: TopologyParts): string {
  const { clusters, digests } = parts;
  const [first] = clusters;
  const signers = clusters.map((name) => ({ cluster: name, user: `${name}admin`, bundle: `bundles/${name}` }));
  const outsider =
    first === undefined || clusters.length > 1
      ? []
      : [{ cluster: first, user: `${first}dev`, bundle: `bundles/${first}dev` }];
  const all = [...signers, ...outsider];
  const names = all.map(({ cluster, user }) => `${cluster}/${user}`);
  const signed = [
    { tag: '1', by: signers.map(({ cluster, user }) => `${cluster}/${user}`) },
    { tag: '2', by: clusters.length > 1 ? names.slice(0, 1) : names.slice(1) },
  ];
  return [
    '# The topology of this sandbox. Its registry password is DCT_REGISTRY_PASSWORD; sandbox.json has it.',
    table('registry', [
      ['host_address', parts.hostAddress],
      ['ca_bundle', 'ca.pem'],
      ['username', parts.username],
    ]),
    table('trust_store', [
      ['directory', 'trust'],
      ['create_root_key', true],
    ]),
    ...clusters.flatMap((name) => [
      table(`clusters.${name}`, [['client_bundle_path', `bundles/${name}`]]),
      ...all
        .filter(({ cluster }) => cluster === name)
        .map(({ user, bundle }) =>
          table(`clusters.${name}.signers.${user}`, [
            ['public_keys', [`${bundle}/cert.pem`]],
            ['private_key_path', `${bundle}/key.pem`],
          ]),
        ),
      table(`clusters.${name}.enforce`, [
        ['require_signature_from', [`${releaseTeam.organisation}/${releaseTeam.name}`]],
      ]),
    ]),
    ...(first === undefined
      ? []
      : [
          table('repositories."admin/trustdemo"', [
            ['signers', names],
            // So that one stack after the other can be tried: what a destroy kept would have to be adopted.
            ['on_destroy', 'delete'],
          ]),
          ...signed.map(({ tag, by }) =>
            table(`repositories."admin/trustdemo".tags."${tag}"`, [
              ['digest', digests[`admin/trustdemo:${tag}`] ?? ''],
              ['signed_by', by],
            ]),
          ),
        ]),
  ].join('\n');
}

function table(name: string, entries: readonly (readonly [string, string | boolean | readonly string[]])[]): string {
  const lines = entries.map(([key, value]) => `${key} = ${inToml(value)}\n`);
  return `[${name}]\n${lines.join('')}`;
}

function inToml(value: string | boolean | readonly string[]): string {
  return typeof value === 'object' ? `[${value.map((item) => inToml(item)).join(', ')}]` : JSON.stringify(value);
}
