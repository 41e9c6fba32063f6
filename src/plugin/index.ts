// Terraform's plugin protocol 6: declare a provider's resources, data sources and functions, then serve them.
export { bool, computed, list, map, number, object, optional, required, set, string } from './schema';
export type { Attribute, AttributeOptions, Attributes, Type, TypedAttribute } from './schema';
export type {
  ConfigOf,
  ImportedOf,
  KnownConfigOf,
  PlannedOf,
  PlanOf,
  ReadStateOf,
  StateOf,
  ValueOf,
} from './inference';
export { isKnown, UNKNOWN } from './value';
export type { ObjectValue, Path, Unknown, Value } from './value';
export { definitions, providerDefinition } from './definition';
export type {
  Context,
  DataSource,
  Explanation,
  Json,
  JsonObject,
  Log,
  PrivateData,
  Problems,
  ProviderDefinition,
  ProviderFunction,
  Resource,
} from './definition';
export { PartialState } from './partial-state';
export { providerAnswers, type ProviderAnswers } from './calls/answers';
export { serve } from './transport/serve';
export { serveForTests } from './transport/reattach';
export type { TestServer } from './transport/reattach';
export { providerSchemaJson } from './schema-json';
