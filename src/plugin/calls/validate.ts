import { decodeValue } from '../codec';
import { withDefaults } from '../defaults';
import type { Context, Problems } from '../definition';
import { Diagnostics } from '../diagnostics';
import type {
  Diagnostic,
  DynamicValue,
  ValidateDataResourceConfig_Request,
  ValidateDataResourceConfig_Response,
  ValidateResourceConfig_Request,
  ValidateResourceConfig_Response,
} from '../generated/tfplugin6';
import type { Attributes } from '../schema';
import { validateAttributes } from '../validation';
import { isObjectValue, type ObjectValue } from '../value';
import { contextOf, type ProviderServer, type Session } from './server';

// Terraform calls these while validating, when little is known, and again at plan and at apply with all that is known by
// then, so no other call has to check a configuration.

export async function validateResourceConfig(
  server: ProviderServer,
  session: Session,
  { typeName, config }: ValidateResourceConfig_Request,
): Promise<ValidateResourceConfig_Response> {
  return { diagnostics: await validateConfig(server, session, typeName, server.resource(typeName), config) };
}

export async function validateDataResourceConfig(
  server: ProviderServer,
  session: Session,
  { typeName, config }: ValidateDataResourceConfig_Request,
): Promise<ValidateDataResourceConfig_Response> {
  return { diagnostics: await validateConfig(server, session, typeName, server.dataSource(typeName), config) };
}

interface Validated {
  readonly attributes: Attributes;
  validate?(args: { readonly config: ObjectValue } & Context & Problems): void | Promise<void>;
}

/** Single attributes first; rules across attributes only when each of them is right. */
export async function validateConfig(
  server: ProviderServer,
  session: Session,
  name: string,
  declared: Validated,
  dynamic: DynamicValue | undefined,
): Promise<Diagnostic[]> {
  const { attributes } = declared;
  const diagnostics = new Diagnostics(attributes);
  const config = decodeValue({ kind: 'object', attributes }, dynamic, new Map());
  if (!isObjectValue(config)) return [];
  await server.run(diagnostics, `validation of ${name}`, async () => {
    validateAttributes(attributes, config, diagnostics);
    if (!diagnostics.failed)
      await declared.validate?.({
        ...contextOf(server, session, diagnostics),
        error: diagnostics.error,
        config: withDefaults(attributes, config),
      });
  });
  return diagnostics.messages;
}
