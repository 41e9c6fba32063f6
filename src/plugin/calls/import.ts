import { conform, HandlerFault } from '../conformity';
import { mapAttributes } from '../defaults';
import type { ImportResourceState_Request, ImportResourceState_Response } from '../generated/tfplugin6';
import type { ObjectValue } from '../value';
import { ResourceCall } from './resource-call';
import type { ProviderServer, Session } from './server';

/** From an ID (or, since Terraform 1.12, an identity) to a state that `read`, called next, can complete. */
export async function importResourceState(
  server: ProviderServer,
  session: Session,
  request: ImportResourceState_Request,
): Promise<ImportResourceState_Response> {
  const call = new ResourceCall(server, session, request.typeName);
  const { value: state } = await call.run('import', async (context) => {
    const identity = request.id === '' ? call.decodeIdentity(request.identity) : undefined;
    if (identity !== undefined) return complete(call, identity);
    if (call.resource.import === undefined) throw new Error(`A ${call.typeName} cannot be imported`);
    return complete(call, await call.resource.import({ ...context, id: request.id }));
  });
  if (state === undefined || call.diagnostics.failed) return { importedResources: [], diagnostics: call.messages };
  return {
    importedResources: [
      {
        typeName: call.typeName,
        state: call.encode(state),
        private: call.privateData.bytes(),
        identity: call.identity(state),
      },
    ],
    diagnostics: call.messages,
  };
}

/** Attributes that only the state holds get their defaults: nothing else would ever set them. */
function complete({ resource }: ResourceCall, found: unknown): ObjectValue {
  const state = conform(resource.attributes, found, 'incomplete');
  for (const name of resource.identity ?? [])
    if (state[name] === null) throw new HandlerFault([name], 'no value, where the identity needs one');
  return mapAttributes(resource.attributes, state, (attribute, value) =>
    value === null && attribute.mode === 'defaulted' ? (attribute.default ?? null) : value,
  );
}
