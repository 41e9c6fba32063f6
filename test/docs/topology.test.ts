import { parse } from '@iarna/toml';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadTopology } from '../../src/constructs';
import { TopologyFile } from '../../src/constructs/topology-schema';
import { makeCertificate } from '../notary/certificates';
import { testAuthority } from '../support/certificates';

const page = readFileSync(resolve(__dirname, '../../docs/topology.md'), 'utf8');
const toml = /```toml\n([^]*?)```/.exec(page)?.[1] ?? '';
/** Two ways to say the same. */
const LEFT_OUT = ['registry.ca_sha256'];

/** Keys of a schema with its tables below it; names of the user's choice as `*`. */
function keysOf(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [path];
  if ('wrapped' in schema) return keysOf(schema.wrapped, path);
  if ('entries' in schema && typeof schema.entries === 'object' && schema.entries !== null) {
    return Object.entries(schema.entries).flatMap(([key, inner]) =>
      keysOf(inner, path === '' ? key : `${path}.${key}`),
    );
  }
  if ('value' in schema && 'type' in schema && schema.type === 'record') return keysOf(schema.value, `${path}.*`);
  return [path];
}

/** Whether the parsed file has something there. */
function isThere(found: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return found !== undefined;
  if (typeof found !== 'object' || found === null) return false;
  const below = key === '*' ? Object.values(found) : [Object.entries(found).find(([name]) => name === key)?.[1]];
  return below.some((each) => isThere(each, rest));
}

test('the topology file of the page has every key there is', () => {
  const keys = keysOf(TopologyFile, '').filter((key) => !LEFT_OUT.includes(key));
  expect(keys.length).toBeGreaterThan(30);
  const parsed: unknown = parse(toml);
  expect(keys.filter((key) => !isThere(parsed, key.split('.')))).toEqual([]);
});

test('it is loaded as it stands', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dct-topology-'));
  try {
    mkdirSync(join(folder, 'bundles/cluster2'), { recursive: true });
    const { certificate } = await testAuthority('A CA');
    for (const file of ['ca.pem', 'ucp2-ca.pem']) writeFileSync(join(folder, file), certificate);
    writeFileSync(join(folder, 'bundles/cluster2/cert.pem'), (await makeCertificate()).certificate);
    writeFileSync(join(folder, 'topology.toml'), toml);
    const topology = loadTopology(join(folder, 'topology.toml'));
    expect(Object.keys(topology.clusters)).toEqual(['cluster2']);
    expect(topology.repositories?.['admin/trustdemo']?.tags?.['1']?.signedBy).toEqual(['cluster2/cluster2admin']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
