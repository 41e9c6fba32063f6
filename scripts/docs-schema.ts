import type { Attribute, Attributes, Type } from '../src/plugin';

/** The attributes of a page: who sets them, what they are, and nested objects in sections of their own. */
export function schemaSections(attributes: Attributes): string[] {
  return ['## Schema', ...groups(attributes, [], 3), ...nestedSections(attributes, [])];
}

/** `String`, `Set of String`; for objects what the registry calls them. */
export function typeInWords(type: Type): string {
  switch (type.kind) {
    case 'string':
      return 'String';
    case 'bool':
      return 'Boolean';
    case 'number':
      return 'Number';
    case 'object':
      return 'Attributes';
    default: {
      const collection = { list: 'List', set: 'Set', map: 'Map' }[type.kind];
      return type.element.kind === 'object'
        ? `Attributes ${collection}`
        : `${collection} of ${typeInWords(type.element)}`;
    }
  }
}

function groups(attributes: Attributes, path: readonly string[], level: number): string[] {
  const heading = (text: string) => (level === 0 ? `${text}:` : `${'#'.repeat(level)} ${text}`);
  const section = (title: string, belongs: (attribute: Attribute) => boolean) => {
    const lines = Object.entries(attributes)
      .filter(([, attribute]) => belongs(attribute))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, attribute]) => line(name, attribute, path));
    return lines.length === 0 ? [] : [heading(title), lines.join('\n')];
  };
  const isRequired = ({ mode }: Attribute) => mode === 'required' || mode === 'requiredWriteOnly';
  return [
    ...section('Required', isRequired),
    ...section('Optional', (attribute) => !isRequired(attribute) && attribute.mode !== 'computed'),
    ...section('Read-Only', ({ mode }) => mode === 'computed'),
  ];
}

function line(name: string, attribute: Attribute, path: readonly string[]): string {
  const { type, description, mode, sensitive } = attribute;
  const marks = [
    typeInWords(type),
    ...(sensitive === true ? ['Sensitive'] : []),
    ...(mode.endsWith('WriteOnly') ? ['Write-only'] : []),
  ];
  const anchor = nestedObject(type) && ` (see [below](#${anchorOf([...path, name])}))`;
  return `- \`${name}\` (${marks.join(', ')}) ${[description, ...notes(attribute)].join(' ')}${anchor ?? ''}`;
}

/** What the declaration says beyond the description, where that does not say it itself. */
function notes(attribute: Attribute): string[] {
  const { description, mode, oneOf = [], forceNew, deprecated } = attribute;
  return [
    ...(oneOf.some((value) => !description.includes(`\`${value}\``)) ? [`One of ${oneOf.map(code).join(', ')}.`] : []),
    ...(mode === 'defaulted' && !/default/i.test(description) ? [`Default: ${defaultInWords(attribute)}.`] : []),
    ...(forceNew === true && !/replac/i.test(description) ? ['Another value forces replacement.'] : []),
    ...(deprecated === undefined ? [] : [`**Deprecated:** ${deprecated}`]),
  ];
}

function defaultInWords({ default: value }: Attribute): string {
  if (typeof value === 'string') return code(value);
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) return 'empty';
  return code(JSON.stringify(value));
}

function code(text: string): string {
  return `\`${text}\``;
}

function nestedSections(attributes: Attributes, path: readonly string[]): string[] {
  return Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, { type }]) => {
      const nested = nestedObject(type);
      if (nested === undefined) return [];
      const inside = [...path, name];
      return [
        `<a id="${anchorOf(inside)}"></a>\n\n### Nested Schema for \`${inside.join('.')}\``,
        ...groups(nested, inside, 0),
        ...nestedSections(nested, inside),
      ];
    });
}

function nestedObject(type: Type): Attributes | undefined {
  if (type.kind === 'object') return type.attributes;
  return 'element' in type && type.element.kind === 'object' ? type.element.attributes : undefined;
}

function anchorOf(path: readonly string[]): string {
  return `nestedatt--${path.join('--')}`;
}
