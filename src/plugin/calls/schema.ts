import type {
  GetFunctions_Response,
  GetMetadata_Response,
  GetProviderSchema_Response,
  GetResourceIdentitySchemas_Response,
} from '../generated/tfplugin6';
import { dataSourceSchema, functionSchema, identitySchema, providerSchema, resourceSchema } from '../wire-schema';
import type { ProviderServer } from './server';

// Terraform asks the first process of a command for the schema, remembers it, and asks no other one.
const serverCapabilities = { planDestroy: true, getProviderSchemaOptional: true, moveResourceState: true };

export function getMetadata({ resources, dataSources, functions }: ProviderServer): GetMetadata_Response {
  return {
    serverCapabilities,
    diagnostics: [],
    resources: [...resources.keys()].map((typeName) => ({ typeName })),
    dataSources: [...dataSources.keys()].map((typeName) => ({ typeName })),
    functions: [...functions.keys()].map((name) => ({ name })),
  };
}

export function getProviderSchema(server: ProviderServer): GetProviderSchema_Response {
  return {
    provider: providerSchema(server.definition),
    resourceSchemas: mapValues(server.resources, resourceSchema),
    dataSourceSchemas: mapValues(server.dataSources, dataSourceSchema),
    functions: mapValues(server.functions, functionSchema),
    diagnostics: [],
    serverCapabilities,
  };
}

export function getFunctions({ functions }: ProviderServer): GetFunctions_Response {
  return { functions: mapValues(functions, functionSchema), diagnostics: [] };
}

export function getResourceIdentitySchemas({ resources }: ProviderServer): GetResourceIdentitySchemas_Response {
  const identified = new Map([...resources].filter(([, { identity }]) => (identity ?? []).length > 0));
  return { identitySchemas: mapValues(identified, identitySchema), diagnostics: [] };
}

function mapValues<T, R>(all: ReadonlyMap<string, T>, make: (one: T) => R): Record<string, R> {
  return Object.fromEntries([...all].map(([name, one]) => [name, make(one)]));
}
