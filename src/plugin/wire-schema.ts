import { isWriteOnly } from './defaults';
import type { DataSource, ProviderDefinition, ProviderFunction, Resource } from './definition';
import {
  type FunctionMessage,
  type ResourceIdentitySchema,
  type Schema,
  type Schema_Attribute,
  Schema_Object_NestingMode,
  StringKind,
} from './generated/tfplugin6';
import type { Attribute, Attributes, ObjectType, Type } from './schema';

export function providerSchema({ attributes, description }: ProviderDefinition): Schema {
  return schema(0, attributes, description ?? '', undefined, false);
}

export function resourceSchema({ version, attributes, description, deprecated }: Resource<unknown>): Schema {
  return schema(version ?? 0, attributes, description, deprecated, true);
}

export function dataSourceSchema({ attributes, description, deprecated }: DataSource<unknown>): Schema {
  return schema(0, attributes, description, deprecated, true);
}

/** Terraform 1.12 and later: what identifies an object, apart from its state. */
export function identitySchema({ attributes, identity }: Resource<unknown>): ResourceIdentitySchema {
  return {
    version: 0,
    identityAttributes: Object.entries(identityAttributes(attributes, identity ?? [])).map(([name, attribute]) => ({
      name,
      type: typeBytes(attribute.type),
      requiredForImport: true,
      optionalForImport: false,
      description: attribute.description,
    })),
  };
}

export function identityAttributes(attributes: Attributes, identity: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => identity.includes(name)));
}

export function functionSchema({ parameters, returns, summary, description }: ProviderFunction): FunctionMessage {
  return {
    parameters: parameters.map((parameter) => ({
      name: parameter.name,
      type: typeBytes(parameter.type),
      allowNullValue: false,
      allowUnknownValues: false,
      description: parameter.description,
      descriptionKind: StringKind.MARKDOWN,
    })),
    return: { type: typeBytes(returns) },
    summary,
    description,
    descriptionKind: StringKind.MARKDOWN,
  };
}

function schema(
  version: number,
  attributes: Attributes,
  description: string,
  deprecated: string | undefined,
  hasState: boolean,
): Schema {
  return {
    version,
    block: {
      version,
      attributes: wireAttributes(attributes, hasState),
      description: withDeprecation(description, deprecated),
      descriptionKind: StringKind.MARKDOWN,
      deprecated: deprecated !== undefined,
    },
  };
}

function wireAttributes(attributes: Attributes, hasState: boolean): Schema_Attribute[] {
  return Object.entries(attributes)
    .map(([name, attribute]) => wireAttribute(name, attribute, hasState))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function wireAttribute(name: string, attribute: Attribute, hasState: boolean): Schema_Attribute {
  const { type, mode, description, deprecated, sensitive } = attribute;
  const object = nestedObject(type);
  return {
    name,
    type: object === undefined ? typeBytes(type) : Buffer.alloc(0),
    nestedType:
      object === undefined
        ? undefined
        : { attributes: wireAttributes(object.attributes, hasState), nesting: NESTING[type.kind] },
    description: withDeprecation(description, deprecated),
    descriptionKind: StringKind.MARKDOWN,
    required: mode === 'required' || mode === 'requiredWriteOnly',
    optional: mode !== 'required' && mode !== 'requiredWriteOnly' && mode !== 'computed',
    // A default is what the provider computes when nothing is configured; a provider's configuration has no state.
    computed: mode === 'computed' || mode === 'optionalComputed' || (mode === 'defaulted' && hasState),
    sensitive: sensitive === true,
    deprecated: deprecated !== undefined,
    writeOnly: isWriteOnly(attribute),
  };
}

const NESTING: Readonly<Record<Type['kind'], Schema_Object_NestingMode>> = {
  object: Schema_Object_NestingMode.SINGLE,
  list: Schema_Object_NestingMode.LIST,
  set: Schema_Object_NestingMode.SET,
  map: Schema_Object_NestingMode.MAP,
  string: Schema_Object_NestingMode.INVALID,
  bool: Schema_Object_NestingMode.INVALID,
  number: Schema_Object_NestingMode.INVALID,
};

function nestedObject(type: Type): ObjectType | undefined {
  if (type.kind === 'object') return type;
  return 'element' in type && type.element.kind === 'object' ? type.element : undefined;
}

/** The type in cty's JSON: `"string"`, `["set","string"]`, `["object",{…}]`. */
export function typeJson(type: Type): unknown {
  if (type.kind === 'object')
    return [
      'object',
      Object.fromEntries(Object.entries(type.attributes).map(([name, inside]) => [name, typeJson(inside.type)])),
    ];
  return 'element' in type ? [type.kind, typeJson(type.element)] : type.kind;
}

function typeBytes(type: Type): Buffer {
  return Buffer.from(JSON.stringify(typeJson(type)), 'utf8');
}

// The protocol says only that something is deprecated; why and what else to use goes with the description.
function withDeprecation(description: string, deprecated: string | undefined): string {
  return deprecated === undefined ? description : `${description}\n\nDeprecated: ${deprecated}`;
}
