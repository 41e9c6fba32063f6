import { getProviderSchema } from './calls/schema';
import { ProviderServer } from './calls/server';
import type { Json, JsonObject, ProviderDefinition } from './definition';
import type { FunctionMessage, Schema, Schema_Attribute } from './generated/tfplugin6';
import { StringKind } from './generated/tfplugin6';
import { hclog } from './log';

/**
 * What `terraform providers schema -json` prints for this provider alone: the input of CDKTF's binding generator and of
 * the reference pages.
 * https://developer.hashicorp.com/terraform/cli/commands/providers/schema
 * @param sourceAddress `terraform.local/cdktf-dct/dct`
 */
export function providerSchemaJson(definition: ProviderDefinition, sourceAddress: string): JsonObject {
  const server = new ProviderServer(
    definition,
    hclog(definition.name, () => undefined, {}),
  );
  const { provider, resourceSchemas, dataSourceSchemas, functions } = getProviderSchema(server);
  return {
    format_version: '1.0',
    provider_schemas: {
      [sourceAddress]: withoutEmpty({
        provider: provider === undefined ? {} : schemaJson(provider),
        resource_schemas: mapValues(resourceSchemas, schemaJson),
        data_source_schemas: mapValues(dataSourceSchemas, schemaJson),
        functions: mapValues(functions, functionJson),
      }),
    },
  };
}

function schemaJson({ version, block }: Schema): JsonObject {
  return {
    version,
    block: withoutEmpty({
      attributes: attributesJson(block?.attributes ?? []),
      description: block?.description ?? '',
      description_kind: kindJson(block?.descriptionKind),
      deprecated: block?.deprecated ?? false,
    }),
  };
}

function attributesJson(attributes: readonly Schema_Attribute[]): JsonObject {
  return Object.fromEntries(attributes.map((attribute) => [attribute.name, attributeJson(attribute)]));
}

function attributeJson(attribute: Schema_Attribute): JsonObject {
  const { type, nestedType, description, descriptionKind, required, optional, computed } = attribute;
  const { sensitive, deprecated, writeOnly } = attribute;
  return withoutEmpty({
    type: nestedType === undefined ? typeJson(type) : '',
    nested_type:
      nestedType === undefined
        ? {}
        : {
            attributes: attributesJson(nestedType.attributes),
            nesting_mode: NESTING_MODES[nestedType.nesting] ?? 'invalid',
          },
    description,
    description_kind: kindJson(descriptionKind),
    deprecated,
    required,
    optional,
    computed,
    sensitive,
    write_only: writeOnly,
  });
}

const NESTING_MODES: readonly string[] = ['invalid', 'single', 'list', 'set', 'map'];

function functionJson({ parameters, return: returned, summary, description }: FunctionMessage): JsonObject {
  return withoutEmpty({
    description,
    summary,
    return_type: returned === undefined ? 'dynamic' : typeJson(returned.type),
    parameters: parameters.map((parameter) =>
      withoutEmpty({ name: parameter.name, description: parameter.description, type: typeJson(parameter.type) }),
    ),
  });
}

function typeJson(bytes: Buffer): Json {
  const type: unknown = JSON.parse(bytes.toString('utf8'));
  return isTypeJson(type) ? type : 'dynamic';
}

/** The bytes are our own: names of types, in arrays and objects. */
function isTypeJson(type: unknown): type is Json {
  if (typeof type === 'string') return true;
  if (Array.isArray(type)) return type.every(isTypeJson);
  return typeof type === 'object' && type !== null && Object.values(type).every(isTypeJson);
}

function kindJson(kind: StringKind | undefined): string {
  return kind === StringKind.MARKDOWN ? 'markdown' : 'plain';
}

function mapValues<T>(all: Readonly<Record<string, T>>, make: (one: T) => Json): JsonObject {
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, make(one)]));
}

/** Terraform leaves out what is false, or empty. */
function withoutEmpty(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).filter(([, inside]) => {
      if (typeof inside === 'object' && inside !== null) return Object.keys(inside).length > 0;
      return inside !== false && inside !== '' && inside !== null;
    }),
  );
}
