import { parse } from '@iarna/toml';
import * as fc from 'fast-check';
import { readConfig, removeRegistration, setRegistration, setTrustPolicy } from '../../src/ucp/config-text';
import { testAuthority } from '../support/certificates';

let ca: string;
let otherCa: string;

beforeAll(async () => {
  ca = (await testAuthority('DTR CA')).certificate;
  otherCa = (await testAuthority('Other CA')).certificate;
});

const dtr = 'dtr.example.com';
const own = 'dtr.local:4443';
/** PEM as a TOML basic string. */
const inToml = (pem: string): string => JSON.stringify(pem);

/** As a real export is ordered, with what makes them hard to edit. */
const document = (): string => `# exported
[auth]
  default_new_user_role = "restrictedcontrol"
  [auth.samlProxy.credentials.basic]
    password = "verysecret"   # [[registries]]

[[registries]]
  host_address = "${own}"
  service_id = "b34c5a54-0000"
  ca_bundle = ${inToml(ca)}   # keep me
  batch_scanning_data_enabled = true

[scheduling_configuration]
  note = """
[[registries]]
  host_address = "not one"
[trust_configuration]
"""
[user_workload_defaults.swarm_defaults."tasktemplate.restartpolicy.delay"]
[cluster_config]
  windows_containerd_root = "C:\\\\\\\\ProgramData\\\\\\\\containerd"
  literal = 'C:\\ProgramData\\"docker"'
  calico_mtu = "1480"
  vxlan_vni = 10000
  nested = [ [ "[[registries]]", 'x' ], [ ] ] # ]

[ "trust_configuration" ]
  require_content_trust = false # comment
  "require_signature_from" = [
    "a",  # why a
  ]
  allow_repos = []
  future_key = 1

[[custom_api_server_headers]]
  name = "X"
`;

describe('when a DTR is registered', () => {
  it('adds an entry behind the last one and changes nothing else', () => {
    const before = document();
    const after = setRegistration(before, { hostAddress: dtr, caBundle: ca });
    const entry = `\n[[registries]]\n  host_address = "${dtr}"\n  service_id = ""\n  ca_bundle = ${inToml(ca)}\n`;
    const at = before.indexOf('\n[scheduling_configuration]');
    expect(after).toBe(before.slice(0, at) + entry + before.slice(at));
    expect(removeRegistration(after, dtr)).toBe(before);
  });

  it('replaces only the CA of an entry it has, and keeps its service ID and flags', () => {
    const before = document();
    const after = setRegistration(before, { hostAddress: 'DTR.local:4443', caBundle: otherCa });
    expect(after).toBe(before.replace(inToml(ca), inToml(otherCa)));
    expect(readConfig(after).registries).toEqual([
      { hostAddress: own, serviceId: 'b34c5a54-0000', caBundle: otherCa, batchScanningDataEnabled: true },
    ]);
  });

  it('changes nothing when the certificates are the same, however they are written', () => {
    const before = document();
    const written = `# the CA\r\n${ca.replaceAll('\n', '\r\n').trim()}`;
    expect(setRegistration(before, { hostAddress: own, caBundle: written })).toBe(before);
  });

  it('gives an entry without CA one', () => {
    const before = `[[registries]] # x\nhost_address = "${dtr}"`;
    expect(setRegistration(before, { hostAddress: dtr, caBundle: ca })).toBe(`${before}\n  ca_bundle = ${inToml(ca)}`);
  });

  it.each([
    ['an empty document', ''],
    ['a byte order mark alone', '\uFEFF'],
    ['no such table, no final line break', '[auth]\nx = 1'],
    ['CRLF', '[auth]\r\nx = 1\r\n'],
    ['CRLF, no final line break', '[auth]\r\nx = 1\r\n\r\n# end'],
    ['a byte order mark', '\uFEFFa = 1\n'],
    ['empty lines at the end', 'a = 1\n\n\n'],
    [
      'an entry with tables under it',
      `[[registries]]\nhost_address = "x"\n[registries.sub]\na = 1\n[[registries.list]]\nb = 2\n[auth]\n`,
    ],
    ['an entry that continues elsewhere', `[[registries]]\nhost_address = "x"\n[auth]\na = 1\n[registries.sub]\nb = 2`],
    ['odd quoting', `[[ "registries" ]]\n'host_address'="x"\n["\\u0061uth"]\n`],
  ])('adds to %s, and removing restores every byte', (_, before) => {
    const after = setRegistration(before, { hostAddress: dtr, caBundle: ca });
    expect(readConfig(after).registries.at(-1)).toMatchObject({ hostAddress: dtr, caBundle: ca, serviceId: '' });
    expect(removeRegistration(after, dtr)).toBe(before);
  });

  it('takes an empty inline list for no entry', () => {
    const after = setRegistration('a = 1\nregistries = [ ]\n[auth]\n', { hostAddress: dtr, caBundle: ca });
    expect(after).toMatch(/^a = 1\n\[auth\]\n\n\[\[registries\]\]\n/);
  });

  it('refuses to edit an inline list, and reads it', () => {
    const before = `registries = [ { host_address = "${dtr}", ca_bundle = ${inToml(ca)} } ]\n`;
    expect(readConfig(before).registries).toHaveLength(1);
    expect(setRegistration(before, { hostAddress: dtr, caBundle: ca })).toBe(before);
    expect(() => setRegistration(before, { hostAddress: own, caBundle: ca })).toThrow('written as one inline list');
    expect(() => removeRegistration(before, dtr)).toThrow('written as one inline list');
  });
});

describe('when a DTR is unregistered', () => {
  it('takes out every entry for the host, tables under it included', () => {
    const before = `[[registries]]\nhost_address = "${dtr}"\n[registries.sub]\na = 1\n\n# about x\n[[registries]]\nhost_address = "x"\n\n[[registries]]\nhost_address = "${dtr}"\n\n[auth]\na = 1\n`;
    expect(removeRegistration(before, dtr)).toBe('\n# about x\n[[registries]]\nhost_address = "x"\n\n[auth]\na = 1\n');
  });

  it('changes nothing when there is none', () => {
    expect(removeRegistration(document(), dtr)).toBe(document());
  });

  it("refuses the cluster's own DTR", () => {
    expect(() => removeRegistration(document(), own)).toThrow(
      expect.objectContaining({
        code: 'ucp_registration_has_service_id',
        message: expect.stringContaining(own) as string,
      }) as Error,
    );
  });
});

describe('when the signing policy changes', () => {
  it('replaces values only', () => {
    const before = document();
    const after = setTrustPolicy(before, {
      requireContentTrust: true,
      requireSignatureFrom: ['a', 'org/"b"'],
      allowRepositories: ['x/y'],
    });
    expect(after).toBe(
      before
        .replace('require_content_trust = false #', 'require_content_trust = true #')
        .replace('[\n    "a",  # why a\n  ]', '["a", "org/\\"b\\""]')
        .replace('allow_repos = []', 'allow_repos = ["x/y"]'),
    );
  });

  it('leaves alone what is equal or not mentioned', () => {
    const before = document();
    expect(setTrustPolicy(before, { requireContentTrust: false, requireSignatureFrom: ['a', 'a'] })).toBe(before);
    expect(setTrustPolicy(before, {})).toBe(before);
  });

  it('tells an absent allow_repos from an empty one, sets it and takes it away', () => {
    const before = '[trust_configuration]\n\trequire_content_trust = true\n[x]\n';
    expect(readConfig(before).policy.allowRepositories).toBeUndefined();
    const after = setTrustPolicy(before, { allowRepositories: [] });
    expect(after).toBe('[trust_configuration]\n\trequire_content_trust = true\n\tallow_repos = []\n[x]\n');
    expect(readConfig(after).policy.allowRepositories).toEqual([]);
    expect(setTrustPolicy(after, { allowRepositories: null })).toBe(before);
    expect(setTrustPolicy(before, { allowRepositories: null })).toBe(before);
  });

  it.each([
    ['no table', 'a = 1\n', 'a = 1\n\n[trust_configuration]\n  require_content_trust = true\n'],
    ['no table, no line break', '[a]', '[a]\n\n[trust_configuration]\n  require_content_trust = true'],
    ['an empty table at the end', '[trust_configuration]', '[trust_configuration]\n  require_content_trust = true'],
    ['an empty inline table', 'trust_configuration = {}\n', 'trust_configuration = { require_content_trust = true }\n'],
    [
      'an inline table',
      'trust_configuration = { x = 1 }\r\n',
      'trust_configuration = { x = 1, require_content_trust = true }\r\n',
    ],
    [
      'an inline table with the key',
      'trust_configuration = { "require_content_trust" = false }',
      'trust_configuration = { "require_content_trust" = true }',
    ],
    [
      'dotted keys',
      'trust_configuration.x = 1\nb = 2',
      'trust_configuration.x = 1\ntrust_configuration.require_content_trust = true\nb = 2',
    ],
    [
      'the dotted key',
      'trust_configuration . require_content_trust=false\n',
      'trust_configuration . require_content_trust=true\n',
    ],
    [
      'a table under it only',
      '[trust_configuration.x]\na = 1\n',
      '[trust_configuration.x]\na = 1\n\n[trust_configuration]\n  require_content_trust = true\n',
    ],
  ])('edits %s', (_, before, after) => {
    expect(setTrustPolicy(before, { requireContentTrust: true })).toBe(after);
  });

  it('says so when a key cannot be taken out of an inline table', () => {
    expect(() => setTrustPolicy('trust_configuration = { allow_repos = [] }', { allowRepositories: null })).toThrow(
      expect.objectContaining({ code: 'ucp_config_not_editable' }) as Error,
    );
  });
});

describe('when the document cannot be read', () => {
  it.each([
    ['a comment of another language', '// ExampleConfig\n[auth]\n', 'line 1'],
    ['a repeated table', 'a = 1\n[auth]\npassword = "verysecret"\n[auth]\n', 'line 4'],
    ['an open string', '[auth]\npassword = "verysecret\n', 'line 2'],
  ])('refuses %s without quoting it', (_, text, where) => {
    const edit = (): string => setTrustPolicy(text, { requireContentTrust: true });
    expect(edit).toThrow(
      expect.objectContaining({
        code: 'ucp_config_unreadable',
        message: expect.stringContaining(where) as string,
      }) as Error,
    );
    expect(edit).not.toThrow('verysecret');
  });

  it.each([
    ['registries = "x"', 'registries'],
    ['[trust_configuration]\nrequire_content_trust = "yes"', 'trust_configuration.require_content_trust'],
    ['[[registries]]\nca_bundle = ""', 'registries.0.host_address'],
    ['[[trust_configuration]]', 'trust_configuration'],
  ])('refuses %j', (text, where) => {
    expect(() => readConfig(text)).toThrow(
      expect.objectContaining({
        code: 'ucp_config_unreadable',
        message: expect.stringContaining(where) as string,
      }) as Error,
    );
  });
});

const anyString = fc.oneof(
  fc.string(),
  fc.constantFrom('[[registries]]', '[trust_configuration]', "'''", '"""', '#', '\\', 'C:\\Users\\x', 'ä€😀'),
);
const value: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    anyString.map((text) => JSON.stringify(text)),
    anyString.filter((text) => !/['\p{Cc}]/u.test(text)).map((text) => `'${text}'`),
    anyString.filter((text) => !/'''|'$|\p{Cc}/u.test(text)).map((text) => `'''\n[[registries]]\n${text}\n'''`),
    fc.constantFrom(
      '1',
      '-7',
      '0xff',
      '1_000',
      '1.5e3',
      'true',
      'inf',
      '1979-05-27T07:32:00Z',
      '1979-05-27',
      '07:32:00',
      '"""\n[trust_configuration]\n\\"""\\\n  """',
    ),
    fc
      .array(tie('value'), { maxLength: 3 })
      .map((items) => `[ # "open\n${items.map((item) => `${item},`).join('\n  # ]\n')} ]`),
    fc
      .array(fc.nat({ max: 9 }), { maxLength: 3 })
      .map((items) => `{${items.map((item, n) => ` k${n} = ${item} `).join(',')}}`),
  ),
})).value;
const trivia = fc.constantFrom('', '', '# a comment', '  \t', '#[[registries]]', '# "', "# '''");
const pairs = fc
  .array(fc.tuple(value, trivia, fc.constantFrom('', '  ', '\t')), { maxLength: 3 })
  .map((list) =>
    list.map(
      ([written, after, indent], n) => `${indent}${['plain', '"quo ted"', "'li.teral'"][n]!} = ${written} ${after}`,
    ),
  );
const foreignTable = fc.tuple(fc.constantFrom('[tN]', '[[ tN ]]', `["t N".'x.y']`, '[tN . a."]"]'), trivia, pairs);
const registry = fc.tuple(
  anyString,
  fc.constantFrom('[[registries]]', '[[ "registries" ]]', "[['registries']]"),
  trivia,
  trivia,
);
const trust = fc.constantFrom(
  [],
  ['[trust_configuration]'],
  ['[ "trust_configuration" ] # x', 'require_content_trust = false', ' "allow_repos" = [ ', ' ] # y'],
  ["['trust_configuration']", '  require_signature_from = ["a"]', '', '# end'],
);

/** A document as lines, and the two sides of it that our tables stand between. */
const documents = fc
  .record({
    bom: fc.constantFrom('', '\uFEFF'),
    eol: fc.constantFrom('\n', '\r\n'),
    finalBreak: fc.boolean(),
    root: pairs,
    tables: fc.array(foreignTable, { maxLength: 4 }),
    registries: fc.array(registry, { maxLength: 3 }),
    trust,
    where: fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 })),
  })
  .map(({ bom, eol, finalBreak, root, tables, registries, trust: trustLines, where }) => {
    const blocks = tables.map(([header, comment, lines], n) => [
      `${header.replace('N', String(n))} ${comment}`,
      ...lines,
    ]);
    const entries = registries.map(([id, header, comment, between]) => [
      `${header} ${comment}`,
      `  host_address = "host-${Buffer.from(id).toString('hex')}.example.com" ${comment}`,
      between,
      '  service_id = ""',
    ]);
    blocks.splice(Math.min(where[0], blocks.length), 0, ...entries);
    blocks.splice(Math.min(where[1], blocks.length), 0, [...trustLines]);
    const lines = [...root, ...blocks.flat()].join('\n').split('\n');
    return bom + lines.join(eol) + (finalBreak && lines.length > 0 ? eol : '');
  })
  .filter((text) => {
    try {
      parse(text.replace('\uFEFF', '').replaceAll('\r\n', '\n'));
      return true;
    } catch {
      return false; // two entries for the same host do no harm; what the parser cannot read is refused, see above
    }
  });

describe('when any document is edited', () => {
  it('adds an entry as one piece, and removing it restores every byte', () => {
    fc.assert(
      fc.property(documents, (before) => {
        const after = setRegistration(before, { hostAddress: dtr, caBundle: ca });
        expect(isInsertion(before, after)).toBe(true);
        expect(removeRegistration(after, dtr)).toBe(before);
      }),
      { numRuns: 500 },
    );
  });

  it('changes one value of an entry, and changing it back restores every byte', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const before = setRegistration(document, { hostAddress: dtr, caBundle: ca });
        const after = setRegistration(before, { hostAddress: dtr, caBundle: otherCa });
        expect(after).toBe(before.replace(inToml(ca), inToml(otherCa)));
        expect(setRegistration(after, { hostAddress: dtr, caBundle: ca })).toBe(before);
      }),
      { numRuns: 200 },
    );
  });

  it('sets the policy, leaves all else, and setting it back restores what was there', () => {
    fc.assert(
      fc.property(documents, fc.array(anyString, { maxLength: 3 }), (before, teams) => {
        const policy = readConfig(before).policy;
        const after = setTrustPolicy(before, {
          requireContentTrust: !policy.requireContentTrust,
          requireSignatureFrom: teams,
        });
        expect(readConfig(after).policy.requireContentTrust).toBe(!policy.requireContentTrust);
        expect(new Set(readConfig(after).policy.requireSignatureFrom)).toEqual(new Set(teams));
        expect(withoutPolicy(after)).toEqual(withoutPolicy(before));
        const back = setTrustPolicy(after, { ...policy });
        expect(readConfig(back).policy).toEqual(policy);
        expect(outside(back)).toBe(outside(before));
        expect(outside(after)).toBe(outside(before));
      }),
      { numRuns: 500 },
    );
  });
});

/** `after` is `before` with one piece put in. */
function isInsertion(before: string, after: string): boolean {
  let prefix = 0;
  while (prefix < before.length && before[prefix] === after[prefix]) prefix += 1;
  return after.endsWith(before.slice(prefix));
}

function withoutPolicy(text: string): unknown {
  const document = parse(text.replace('\uFEFF', '').replaceAll('\r\n', '\n'));
  delete document['trust_configuration'];
  return document;
}

/** Everything but the table's own lines, found by a rule of this test's own: the generated table ends at the next header. */
function outside(text: string): string {
  const lines = text.replace('\uFEFF', '').split(/\r?\n/);
  const start = lines.findIndex(
    (line, n) => /^\[\s*["']?trust_configuration["']?\s*\]/.test(line) && parsesUpTo(lines, n),
  );
  if (start < 0) return lines.join('\n').trimEnd();
  let end = start + 1;
  while (end < lines.length && !/^\s*\[{1,2}[^\]]*[a-z]/.test(lines[end]!)) end += 1;
  return [...lines.slice(0, start), ...lines.slice(end)].join('\n').trimEnd();
}

/** The lines before are whole: this line is not inside a multi-line string or array. */
function parsesUpTo(lines: readonly string[], n: number): boolean {
  try {
    parse(lines.slice(0, n).join('\n').replace('\uFEFF', ''));
    return true;
  } catch {
    return false;
  }
}
