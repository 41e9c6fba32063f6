import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Type } from '../../src/plugin';
import { dctProvider } from '../../src/provider/provider';

const { resources } = dctProvider;

describe('when Terraform keeps the identity of a resource', () => {
  it.each(resources)('$name has one of names, which alone say what it is', ({ attributes, identity = [] }) => {
    expect(identity.length).toBeGreaterThan(0);
    for (const name of identity) {
      expect([name, attributes[name]?.type.kind, attributes[name]?.sensitive === true]).toEqual([
        name,
        'string',
        false,
      ]);
    }
  });

  it.each(resources)('$name can be imported', (resource) => {
    expect(resource).toHaveProperty('import');
  });
});

describe('when a state of an older provider is read', () => {
  // By resource and schema version, the attributes that states of that version hold. Once a version is released its entry
  // is added to only: see `version` in src/plugin/definition.ts for what may change without a new one.
  const known = v.parse(
    v.record(v.string(), v.record(v.string(), v.record(v.string(), v.string()))),
    JSON.parse(readFileSync(join(__dirname, 'state-types.json'), 'utf8')),
  );

  it.each(resources)('the attributes of $name are of the types they were', ({ name, version = 0, attributes }) => {
    const then = known[name]?.[version];
    if (then === undefined) throw new Error(`add ${name} version ${version} to state-types.json`);
    const now = Object.entries(attributes).map(([attribute, { type }]) => [attribute, inWords(type)]);
    expect(Object.fromEntries(now)).toEqual(then);
  });

  it.each(resources)('there is a step to every version of $name', ({ version = 0, upgrade = {} }) => {
    expect(Object.keys(upgrade)).toEqual(Array.from({ length: version }, (_, step) => String(step)));
  });
});

function inWords(type: Type): string {
  if (type.kind === 'object') {
    const inside = Object.entries(type.attributes).map(([name, attribute]) => `${name}: ${inWords(attribute.type)}`);
    return `{ ${inside.sort().join(', ')} }`;
  }
  return 'element' in type ? `${type.kind} of ${inWords(type.element)}` : type.kind;
}
