import { decodeValue } from '../codec';
import { withDefaults } from '../defaults';
import { Diagnostics } from '../diagnostics';
import type {
  ConfigureProvider_Request,
  ConfigureProvider_Response,
  ValidateProviderConfig_Request,
  ValidateProviderConfig_Response,
} from '../generated/tfplugin6';
import type { ObjectType } from '../schema';
import { isObjectValue } from '../value';
import { contextOf, type ProviderServer, type Session } from './server';
import { validateConfig } from './validate';

export async function validateProviderConfig(
  server: ProviderServer,
  session: Session,
  request: ValidateProviderConfig_Request,
): Promise<ValidateProviderConfig_Response> {
  const { definition } = server;
  return { diagnostics: await validateConfig(server, session, definition.name, definition, request.config) };
}

/** Makes the connection that handlers get; the configuration may hold UNKNOWN when this is for a plan. */
export async function configureProvider(
  server: ProviderServer,
  session: Session,
  request: ConfigureProvider_Request,
): Promise<ConfigureProvider_Response> {
  const { definition } = server;
  const { attributes } = definition;
  const type: ObjectType = { kind: 'object', attributes };
  const diagnostics = new Diagnostics(attributes);
  const written = decodeValue(type, request.config, new Map());
  const config = withDefaults(attributes, isObjectValue(written) ? written : {});
  const outcome = await server.run(diagnostics, `configuration of the provider ${definition.name}`, async () => ({
    connection: await definition.configure({
      ...contextOf(server, session, diagnostics),
      config,
      terraformVersion: request.terraformVersion,
    }),
  }));
  if (outcome.value !== undefined) session.configured = outcome.value;
  return { diagnostics: diagnostics.messages };
}
