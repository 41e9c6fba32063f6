import { conform, contradictsConfig, keepSame } from '../conformity';
import { withDefaults } from '../defaults';
import { attributePath } from '../diagnostics';
import type { PlanResourceChange_Request, PlanResourceChange_Response } from '../generated/tfplugin6';
import { planObject, replacedAttributes } from '../planning';
import type { ObjectValue, Path } from '../value';
import { ResourceCall } from './resource-call';
import type { ProviderServer, Session } from './server';

/**
 * What an apply would make of the resource. Terraform's own proposal is not used: `planObject` follows from the same
 * values and the declaration, which knows defaults and what means the same.
 */
export async function planResourceChange(
  server: ProviderServer,
  session: Session,
  request: PlanResourceChange_Request,
): Promise<PlanResourceChange_Response> {
  const call = new ResourceCall(server, session, request.typeName, request.priorPrivate);
  const { attributes } = call.resource;
  const prior = call.decode(request.priorState);
  const written = call.decode(request.config);
  if (written === undefined) return planDestroy(call, prior);

  const config = withDefaults(attributes, written);
  const replaced: Path[] = [];
  const { value: planned } = await call.run('plan', async (context) => {
    const usual = planObject(attributes, prior, config);
    const made = await call.resource.plan?.({
      ...context,
      prior,
      config,
      planned: usual,
      requireReplace: (path) => replaced.push(path),
    });
    if (made === undefined) return usual;
    const conformed = conform(attributes, made, 'unknown');
    return prior === undefined ? conformed : keepSame(attributes, prior, conformed, 'plan');
  });
  if (planned === undefined || call.diagnostics.failed) return failed(call);
  reportContradictions(call, config, prior, planned);
  if (prior !== undefined)
    replaced.push(...replacedAttributes(attributes, prior, planned, call.resource.update !== undefined));
  return {
    plannedState: call.encode(planned),
    requiresReplace: prior === undefined ? [] : replaced.map((path) => attributePath(attributes, path)),
    plannedPrivate: call.privateData.bytes(),
    diagnostics: call.messages,
    plannedIdentity: call.identity(planned),
  };
}

async function planDestroy(call: ResourceCall, prior: ObjectValue | undefined): Promise<PlanResourceChange_Response> {
  if (call.resource.planDestroy !== undefined && prior !== undefined)
    await call.run('planDestroy', (context) => call.resource.planDestroy?.({ ...context, prior }));
  return { ...failed(call), plannedState: call.encode(undefined), plannedPrivate: call.privateData.bytes() };
}

function reportContradictions(
  call: ResourceCall,
  config: ObjectValue,
  prior: ObjectValue | undefined,
  planned: ObjectValue,
): void {
  for (const path of contradictsConfig(call.resource.attributes, config, prior, planned))
    call.diagnostics.error(
      path,
      `The provider made a mistake in the plan of ${call.typeName}`,
      `It plans another value for ${path.join('.')} than the configuration has. This is a mistake in the provider, not in the configuration.`,
    );
}

function failed(call: ResourceCall): PlanResourceChange_Response {
  return {
    plannedState: undefined,
    requiresReplace: [],
    plannedPrivate: Buffer.alloc(0),
    diagnostics: call.messages,
    plannedIdentity: undefined,
  };
}
