import { conform, contradictions, keepSame } from '../conformity';
import { withDefaults } from '../defaults';
import type { ApplyResourceChange_Request, ApplyResourceChange_Response } from '../generated/tfplugin6';
import { PartialState } from '../partial-state';
import { type ObjectValue, UNKNOWN } from '../value';
import { ResourceCall } from './resource-call';
import type { ProviderServer, Session } from './server';

/** Creates, updates or deletes, whichever the plan says. The state returned is what is true afterwards, also on failure. */
export async function applyResourceChange(
  server: ProviderServer,
  session: Session,
  request: ApplyResourceChange_Request,
): Promise<ApplyResourceChange_Response> {
  const call = new ResourceCall(server, session, request.typeName, request.plannedPrivate);
  const prior = call.decode(request.priorState);
  const planned = call.decode(request.plannedState);
  const written = call.decode(request.config);
  const state =
    planned === undefined
      ? await remove(call, prior)
      : await change(call, prior, planned, withDefaults(call.resource.attributes, written ?? planned));
  return {
    newState: call.encode(state),
    private: state === undefined ? Buffer.alloc(0) : call.privateData.bytes(),
    diagnostics: call.messages,
    newIdentity: call.identity(state),
  };
}

/** @returns the state left: none, or as before when it failed */
async function remove(call: ResourceCall, prior: ObjectValue | undefined): Promise<ObjectValue | undefined> {
  if (prior === undefined) return undefined;
  await call.run('delete', (context) => call.resource.delete({ ...context, state: prior }));
  return call.diagnostics.failed ? prior : undefined;
}

async function change(
  call: ResourceCall,
  prior: ObjectValue | undefined,
  planned: ObjectValue,
  config: ObjectValue,
): Promise<ObjectValue | undefined> {
  const { resource } = call;
  const handler = prior === undefined ? 'create' : 'update';
  const done = await call.run(handler, (context) =>
    prior === undefined
      ? resource.create({ ...context, planned, config })
      : resource.update?.({ ...context, prior, planned, config }),
  );
  if (call.diagnostics.failed)
    return done.failed instanceof PartialState ? partialState(call, prior, planned, done.failed) : prior;
  const { value: state } = await call.run(handler, () =>
    keepSame(resource.attributes, planned, conform(resource.attributes, done.value, 'known'), 'state'),
  );
  // Done, but what was returned is no state: what was planned is nearest to the truth.
  if (state === undefined) return afterFailure(prior, planned);
  for (const path of contradictions(resource.attributes, planned, state))
    call.diagnostics.error(
      path,
      `The provider made a mistake in the ${handler} of ${call.typeName}`,
      `It was done, but ${path.join('.')} is not what was planned. This is a mistake in the provider: what is not known at plan has to be planned as unknown.`,
    );
  return state;
}

function partialState(
  call: ResourceCall,
  prior: ObjectValue | undefined,
  planned: ObjectValue,
  { state }: PartialState,
): ObjectValue {
  try {
    const { attributes } = call.resource;
    const given = Object.keys(state);
    const whole = conform(attributes, state, 'incomplete');
    return Object.fromEntries(
      Object.entries(prior ?? afterFailure(prior, planned)).map(([name, value]) => [
        name,
        given.includes(name) ? (whole[name] ?? null) : value,
      ]),
    );
  } catch (error) {
    call.diagnostics.error(undefined, `The partial state of ${call.typeName} does not fit`, String(error));
    return afterFailure(prior, planned);
  }
}

/** The plan as a state: what was to be found out is as before, or null. */
function afterFailure(prior: ObjectValue | undefined, planned: ObjectValue): ObjectValue {
  return Object.fromEntries(
    Object.entries(planned).map(([name, value]) => [name, value === UNKNOWN ? (prior?.[name] ?? null) : value]),
  );
}
