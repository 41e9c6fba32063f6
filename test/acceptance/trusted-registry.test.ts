import { readFileSync } from 'node:fs';
import { testAuthority } from '../support/certificates';
import { provider, resource, type Settings } from './configuration';
import { changeOf, complaints, warningsOf } from './observed';
import { steps } from './steps';
import { World } from './world';

const ADDRESS = 'dct_trusted_registry.it';

describe('dct_trusted_registry', () => {
  let world: World;
  let untouched: string;
  let otherCa: string;
  beforeAll(async () => {
    world = await World.start({ clusters: 3 });
    untouched = config();
    otherCa = (await testAuthority('Another CA')).certificate;
  });
  afterAll(() => world.close());

  const config = (): string => world.sandbox.ucp('cluster2').config;
  const setConfig = (text: string): Promise<void> => world.sandbox.ucp('cluster2').setConfig(text);
  const forgotten = () => world.terraform.run('state', 'rm', ADDRESS);
  const host = (): string => world.sandbox.registry.hostAddress;
  /** Other certificates, with which the registry can still be read. */
  const bothCas = (): string => readFileSync(world.sandbox.registry.caFile, 'utf8') + otherCa;
  const registration = (settings: Settings = {}): string =>
    resource('trusted_registry', 'it', { cluster: 'cluster2', ...settings });

  it('registers the provider’s registry with its CA, updates that in place, and is replaced for the rest', async () => {
    await steps(world, [
      {
        resources: registration(),
        plan: (plan) => {
          const { after, unknown } = changeOf(plan, ADDRESS);
          expect(after).toMatchObject({ id: `cluster2/${host()}`, host_address: host() });
          expect(unknown).toEqual({ service_id: true });
        },
        check: (state) => {
          expect(state.get(ADDRESS)?.values).toEqual({
            cluster: 'cluster2',
            host_address: host(),
            ca_bundle: readFileSync(world.sandbox.registry.caFile, 'utf8'),
            service_id: '',
            id: `cluster2/${host()}`,
          });
          expect(config()).toContain(`host_address = "${host()}"`);
        },
      },
      {
        resources: registration({ ca_bundle: otherCa }),
        error: { text: /could not read signatures of \S+ with this CA[^]*\(wrong_ca\)/, at: `${ADDRESS} ca_bundle` },
      },
      {
        resources: registration({ ca_bundle: bothCas() }),
        planned: [`${ADDRESS} update`],
        changed: { [ADDRESS]: ['ca_bundle'] },
        check: () => expect(config()).toContain(otherCa.split('\n')[1]),
      },
      {
        resources: registration({ ca_bundle: bothCas(), cluster: 'cluster3' }),
        plan: (plan) => expect(changeOf(plan, ADDRESS).replacePaths).toEqual([['cluster']]),
        planned: [`${ADDRESS} replace cannot_update`],
        changed: { [ADDRESS]: ['cluster', 'id'] },
        check: () => expect(config()).toBe(untouched),
      },
      {
        resources: registration({ ca_bundle: bothCas(), cluster: 'cluster3', host_address: 'other.example.com' }),
        plan: (plan) => expect(changeOf(plan, ADDRESS).replacePaths).toEqual([['host_address']]),
        planned: [`${ADDRESS} replace cannot_update`],
        changed: { [ADDRESS]: ['host_address', 'id'] },
      },
    ]);
  });

  it('shows what changed behind its back and repairs it; an entry with a service ID is left standing', async () => {
    let ours = '';
    await steps(world, [
      { resources: registration(), check: () => void (ours = config()) },
      {
        before: () => setConfig(ours.replace(/ca_bundle = ".*"/, `ca_bundle = ${JSON.stringify(otherCa)}`)),
        resources: registration(),
        drift: { [ADDRESS]: ['ca_bundle'] },
        planned: [`${ADDRESS} update`],
        check: () => expect(config()).toBe(ours),
      },
      {
        before: () => setConfig(untouched),
        resources: registration(),
        drift: { [ADDRESS]: ['gone'] },
        planned: [`${ADDRESS} create`],
      },
      {
        before: () => setConfig(ours.replace('service_id = ""', 'service_id = "sso"')),
        resources: registration(),
        drift: { [ADDRESS]: ['service_id'] },
        planned: [],
      },
      {
        resources: '',
        planned: [`${ADDRESS} delete delete_because_no_resource_config`],
        sent: [],
        check: async (_, applied) => {
          expect(warningsOf(applied)).toContain(`${host()} stays registered in cluster2`);
          expect(config()).toContain('service_id = "sso"');
          await setConfig(untouched);
        },
      },
    ]);
  });

  it('can be destroyed when it is gone already', async () => {
    const gone = async (): Promise<void> => {
      await setConfig(untouched);
      await world.terraform.must(world.terraform.destroy('-refresh=false'));
    };
    await steps(world, [{ resources: registration(), check: gone }]);
  });

  it('takes the same CAs written differently for the same, and keeps them as the user wrote them', async () => {
    const ours = await world.pem('cluster2', 'ca.pem');
    const ca = ours + otherCa;
    const ways: Readonly<Record<string, (pem: string) => string>> = {
      plain: (pem) => pem,
      crlf: (pem) => `# ours\r\n${pem.replaceAll('\n', '\r\n')}`,
      bag: (pem) => `# the CA\nBag Attributes\n    localKeyID: 01\n${pem}\n\n`,
      empty: (pem) => `\n\n${pem.trim()}`,
      reversed: () => otherCa + ours,
      doubled: (pem) => pem + ours,
    };
    const names = Object.keys(ways);
    const written = (way: (index: number) => string): string =>
      names
        .map((name, index) => {
          const ca_bundle = ways[way(index)]?.(ca) ?? '';
          return resource('trusted_registry', name, {
            cluster: 'cluster2',
            host_address: `${name}.example.com`,
            ca_bundle,
          });
        })
        .join('');
    await steps(world, [
      {
        resources: written((index) => names[index] ?? ''),
        check: (state) => {
          for (const [name, way] of Object.entries(ways))
            expect(state.get(`dct_trusted_registry.${name}`)?.values['ca_bundle']).toBe(way(ca));
          expect(config().match(/\[\[registries\]\]/g)).toHaveLength(names.length);
        },
      },
      { resources: written((index) => names[(index + 1) % names.length] ?? ''), same: true },
      { resources: written((index) => names[(index + 2) % names.length] ?? ''), same: true },
    ]);
  });

  it('does so too where they are those of the provider', async () => {
    const ca = readFileSync(world.sandbox.registry.caFile, 'utf8');
    const given = (ca_bundle: string) => provider(world, { registry: { ca_bundle } });
    await steps(world, [
      { resources: registration(), provider: given(ca + otherCa) },
      { resources: registration(), provider: given(otherCa + ca), same: true },
      { resources: registration(), provider: given(ca + otherCa + ca), same: true },
    ]);
  });

  it('says that there is nothing to import', async () => {
    await world.terraform.configure(provider(world) + registration());
    const { exitCode, stderr } = await world.terraform.import(ADDRESS, 'cluster2/nowhere.example.com');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Cannot import non-existent remote object');
  });

  it('takes an identical registration for its own, as after a killed apply; one with another CA has to be imported', async () => {
    const block = `import {\n  to = ${ADDRESS}\n  id = "cluster2/${host()}"\n}`;
    await steps(world, [
      { resources: registration({ ca_bundle: bothCas() }) },
      {
        before: forgotten,
        resources: registration({ ca_bundle: bothCas() }),
        planned: [`${ADDRESS} create`],
        sent: [],
      },
      {
        before: async () => {
          await forgotten();
          await world.terraform.configure(provider(world) + registration());
          const said = complaints(await world.terraform.apply());
          expect(said).toContain(`${host()} is registered in cluster2 already, with another CA`);
          expect(said).toContain(block.replace(ADDRESS, 'dct_trusted_registry.NAME'));
        },
        resources: registration() + block,
        planned: [`${ADDRESS} update`],
        sent: ['cluster2 PUT /api/ucp/config-toml'],
      },
    ]);
  });

  it('never removes the registration of the cluster’s own DTR', async () => {
    const before = world.sandbox.ucp('cluster1').config;
    await steps(world, [
      {
        resources: resource('trusted_registry', 'own', { cluster: 'cluster1' }),
        sent: [],
        check: (state) => expect(state.get('dct_trusted_registry.own')?.values['service_id']).not.toBe(''),
      },
      {
        resources: '',
        check: (_, applied) => expect(warningsOf(applied)).toContain('stays registered in cluster1'),
      },
    ]);
    expect(world.sandbox.ucp('cluster1').config).toBe(before);
  });
});
