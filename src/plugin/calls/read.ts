import { conform, keepSame } from '../conformity';
import type { ReadResource_Request, ReadResource_Response } from '../generated/tfplugin6';
import { ResourceCall } from './resource-call';
import type { ProviderServer, Session } from './server';

/** The resource as it is now; no state when it is gone. What means the same as before is left as before. */
export async function readResource(
  server: ProviderServer,
  session: Session,
  request: ReadResource_Request,
): Promise<ReadResource_Response> {
  const call = new ResourceCall(server, session, request.typeName, request.private);
  const { attributes } = call.resource;
  const state = call.decode(request.currentState);
  if (state === undefined)
    return { newState: request.currentState, diagnostics: [], private: request.private, newIdentity: undefined };

  const outcome = await call.run('read', async (context) => {
    const now = await call.resource.read({ ...context, state });
    return now === undefined ? undefined : keepSame(attributes, state, conform(attributes, now, 'known'), 'state');
  });
  const newState = call.diagnostics.failed ? state : outcome.value;
  return {
    newState: call.encode(newState),
    diagnostics: call.messages,
    private: newState === undefined ? Buffer.alloc(0) : call.privateData.bytes(),
    newIdentity: call.identity(newState),
  };
}
