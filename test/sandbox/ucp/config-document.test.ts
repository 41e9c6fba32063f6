import TOML from '@iarna/toml';
import fc from 'fast-check';
import { ConfigDocument, type Registration } from '../../../src/sandbox/ucp/config-document';
import { initialConfig } from '../../../src/sandbox/ucp/initial-config';

const fresh = initialConfig({
  registrations: [],
  requireContentTrust: false,
  allowRepositories: true,
  scimToken: 'scim secret',
  backupPassphrase: 'backup secret',
});

function registration(hostAddress: string, caBundle = 'PEM\n'): Registration {
  return { hostAddress, serviceID: '', caBundle, batchScanningDataEnabled: false };
}

describe('when a configuration is read', () => {
  test('a fresh one has the traps of real exports', () => {
    const { cluster_config: cluster } = TOML.parse(fresh) as { cluster_config: Record<string, unknown> };
    expect(cluster['windows_containerd_root']).toBe('C:\\\\ProgramData\\\\containerd');
    expect(fresh).toContain('"tasktemplate.restartpolicy.delay"');
    expect(fresh).not.toContain('[[registries]]');
  });

  test('what is not there has UCP’s defaults', () => {
    const document = ConfigDocument.parse('');
    expect(document.registrations).toEqual([]);
    expect(document.policy).toEqual({
      requireContentTrust: false,
      requireSignatureFrom: [],
      allowRepositories: undefined,
    });
    expect(document.sessionLimits).toEqual({ lifetimeMinutes: 60, renewalThresholdMinutes: 20, perUserLimit: 10 });
  });

  test.each([
    ['not TOML', '// ExampleConfig\n[auth]\n'],
    ['a table twice', '[auth]\na = 1\n[auth]\n'],
    ['a policy of the wrong type', '[trust_configuration]\nrequire_content_trust = "yes"\n'],
    ['a registration without a host', '[[registries]]\nca_bundle = ""\n'],
  ])('%s is refused', (_, text) => {
    expect(() => ConfigDocument.parse(text)).toThrow();
  });
});

describe('when a registration is set', () => {
  test('a new one stands where UCP puts it and nothing else changes', () => {
    const { text } = ConfigDocument.parse(fresh).withRegistration(registration('dtr.example.com'));
    const [before, after] = text.split(/\[\[registries\]\][\s\S]*?\n\n/);
    expect(`${before ?? ''}${after ?? ''}`).toBe(fresh);
    expect(after).toMatch(/^\[scheduling_configuration\]/);
  });

  test('one of the same host is replaced in its place', () => {
    const document = ConfigDocument.parse(fresh)
      .withRegistration(registration('a.example.com', 'old\n'))
      .withRegistration(registration('b.example.com'))
      .withRegistration(registration('a.example.com', 'new\n'));
    expect(document.registrations.map(({ hostAddress, caBundle }) => [hostAddress, caBundle])).toEqual([
      ['a.example.com', 'new\n'],
      ['b.example.com', 'PEM\n'],
    ]);
  });

  test.each([
    ['an inline table', 'registries = [{host_address = "a", service_id = "sso"}]\n[x]\ny = 1\n'],
    ['a header inside a string', 's = """\n[[registries]]\n"""\n[trust_configuration]\nrequire_content_trust = true\n'],
    ['no tables at all', ''],
  ])('%s keeps its meaning', (_, text) => {
    const before = ConfigDocument.parse(text);
    const after = before.withRegistration(registration('new.example.com'));
    expect(after.registrations).toEqual([...before.registrations, registration('new.example.com')]);
    expect({ ...TOML.parse(after.text), registries: null }).toEqual({ ...TOML.parse(text), registries: null });
  });

  test('any host and CA come back as they were', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (hostAddress, caBundle) => {
        const set = ConfigDocument.parse(fresh).withRegistration(registration(hostAddress, caBundle));
        expect(set.registrations).toEqual([registration(hostAddress, caBundle)]);
      }),
    );
  });
});
