import { isConfigurable } from './defaults';
import type { Diagnostics } from './diagnostics';
import type { Attribute, Attributes, Type } from './schema';
import { isKnown, isListValue, isObjectValue, type ObjectValue, type Path, UNKNOWN, type Value } from './value';

/** What single attributes say is wrong with the configuration: required but null, not `oneOf`, `validate`. */
export function validateAttributes(
  attributes: Attributes,
  config: ObjectValue,
  diagnostics: Diagnostics,
  path: Path = [],
): void {
  for (const [name, attribute] of Object.entries(attributes)) {
    const value = config[name] ?? null;
    if (value === UNKNOWN || !isConfigurable(attribute)) continue;
    const here = [...path, name];
    if (value !== null) validateValue(attribute, value, diagnostics, here);
    else if (attribute.mode === 'required' || attribute.mode === 'requiredWriteOnly')
      diagnostics.error(here, `${nameOf(here)} must be set`, 'It is required, and null counts as not set.');
  }
}

function validateValue(attribute: Attribute, value: Value, diagnostics: Diagnostics, path: Path): void {
  const before = diagnostics.messages.length;
  validateElements(attribute.type, value, diagnostics, path);
  const { oneOf } = attribute;
  if (oneOf !== undefined)
    for (const single of isListValue(value) ? value : [value])
      if (typeof single === 'string' && !oneOf.includes(single))
        diagnostics.error(
          path,
          `${nameOf(path)} must be one of ${oneOf.map((one) => `"${one}"`).join(', ')}`,
          quoted(attribute, single),
        );
  if (diagnostics.messages.length > before || !isKnown(value)) return;
  const problem = attribute.validate?.(value);
  if (problem === undefined) return;
  const [summary = '', ...more] = problem.split('\n');
  const isShown = typeof value === 'string' && summary.includes(JSON.stringify(value));
  const detail = [isShown ? '' : quoted(attribute, value), ...more].filter((line) => line !== '');
  diagnostics.error(path, `${nameOf(path)} ${summary}`, detail.join('\n'));
}

function validateElements(type: Type, value: Value, diagnostics: Diagnostics, path: Path): void {
  if (type.kind === 'object') {
    if (isObjectValue(value)) validateAttributes(type.attributes, value, diagnostics, path);
  } else if ('element' in type) {
    const elements: [string | number, Value][] = isListValue(value)
      ? value.map((element, i) => [i, element])
      : isObjectValue(value)
        ? Object.entries(value)
        : [];
    for (const [key, element] of elements)
      if (element === null)
        diagnostics.error([...path, key], `An element of ${nameOf(path)} is null`, 'Leave it out, or give it a value.');
      else if (element !== UNKNOWN) validateElements(type.element, element, diagnostics, [...path, key]);
  }
}

/** The value as a help to find it; never of an attribute that may be a secret, and no long texts. */
function quoted({ sensitive, mode }: Attribute, value: Value): string {
  const secret = sensitive === true || mode === 'requiredWriteOnly' || mode === 'optionalWriteOnly';
  if (secret) return '';
  if (typeof value === 'number' || typeof value === 'bigint') return `It is ${value}.`;
  return typeof value === 'string' && value.length <= 200 && !value.includes('\n') ? `It is "${value}".` : '';
}

function nameOf(path: Path): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i > 0 ? `.${step}` : step)).join('');
}
