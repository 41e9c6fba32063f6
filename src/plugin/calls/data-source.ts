import { type Decimals, decodeValue, encodeValue } from '../codec';
import { conform, contradictsConfig } from '../conformity';
import { withDefaults } from '../defaults';
import { Diagnostics } from '../diagnostics';
import type { ReadDataSource_Request, ReadDataSource_Response } from '../generated/tfplugin6';
import type { ObjectType } from '../schema';
import { isObjectValue } from '../value';
import { contextOf, type ProviderServer, type Session } from './server';

/** Called only once the whole configuration is known. */
export async function readDataSource(
  server: ProviderServer,
  session: Session,
  request: ReadDataSource_Request,
): Promise<ReadDataSource_Response> {
  const dataSource = server.dataSource(request.typeName);
  const { attributes } = dataSource;
  const type: ObjectType = { kind: 'object', attributes };
  const diagnostics = new Diagnostics(attributes);
  const decimals: Decimals = new Map();
  const written = decodeValue(type, request.config, decimals);
  const config = withDefaults(attributes, isObjectValue(written) ? written : {});
  const { value: state } = await server.run(diagnostics, `read of ${request.typeName}`, async () =>
    conform(
      attributes,
      await dataSource.read({
        ...contextOf(server, session, diagnostics),
        config,
        provider: session.connection(),
      }),
      'known',
    ),
  );
  if (state === undefined || diagnostics.failed) return { state: undefined, diagnostics: diagnostics.messages };
  for (const path of contradictsConfig(attributes, config, undefined, state))
    diagnostics.error(
      path,
      `The provider made a mistake in the read of ${request.typeName}`,
      `It returned another value for ${path.join('.')} than the configuration has. This is a mistake in the provider, not in the configuration.`,
    );
  return { state: encodeValue(type, state, decimals), diagnostics: diagnostics.messages };
}
