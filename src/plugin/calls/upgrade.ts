import { encodeValue, fromJson } from '../codec';
import { withDefaults } from '../defaults';
import type { JsonObject } from '../definition';
import type {
  DynamicValue,
  MoveResourceState_Request,
  MoveResourceState_Response,
  RawState,
  UpgradeResourceIdentity_Request,
  UpgradeResourceIdentity_Response,
  UpgradeResourceState_Request,
  UpgradeResourceState_Response,
} from '../generated/tfplugin6';
import type { Type } from '../schema';
import { isObjectValue } from '../value';
import { identityAttributes } from '../wire-schema';
import { ResourceCall } from './resource-call';
import type { ProviderServer, Session } from './server';

/** Called for every resource on every refresh, also when the version has not changed. */
export async function upgradeResourceState(
  server: ProviderServer,
  session: Session,
  request: UpgradeResourceState_Request,
): Promise<UpgradeResourceState_Response> {
  const call = new ResourceCall(server, session, request.typeName);
  const upgradedState = await upgraded(server, call, request.version, request.rawState);
  return { upgradedState, diagnostics: call.messages };
}

/** A `moved` block that changes the resource's type or provider: only the same type of a provider of the same name. */
export async function moveResourceState(
  server: ProviderServer,
  session: Session,
  request: MoveResourceState_Request,
): Promise<MoveResourceState_Response> {
  const call = new ResourceCall(server, session, request.targetTypeName);
  const none = { targetState: undefined, targetPrivate: Buffer.alloc(0), targetIdentity: undefined };
  if (request.sourceTypeName !== request.targetTypeName) {
    call.diagnostics.error(
      undefined,
      `A ${request.sourceTypeName} cannot become a ${request.targetTypeName}`,
      `The moved block names two types of resource. Remove the one from the state with "terraform state rm" and import the other.`,
    );
    return { ...none, diagnostics: call.messages };
  }
  const targetState = await upgraded(server, call, request.sourceSchemaVersion, request.sourceState);
  return { ...none, targetState, targetPrivate: request.sourcePrivate, diagnostics: call.messages };
}

export function upgradeResourceIdentity(
  server: ProviderServer,
  session: Session,
  request: UpgradeResourceIdentity_Request,
): UpgradeResourceIdentity_Response {
  const { resource, messages } = new ResourceCall(server, session, request.typeName);
  const attributes = identityAttributes(resource.attributes, resource.identity ?? []);
  const type: Type = { kind: 'object', attributes };
  const decimals = new Map<number, string>();
  const identity = fromJson(type, request.rawIdentity?.json ?? Buffer.from('null'), decimals);
  return { upgradedIdentity: { identityData: encodeValue(type, identity, decimals) }, diagnostics: messages };
}

async function upgraded(
  server: ProviderServer,
  call: ResourceCall,
  from: number,
  raw: RawState | undefined,
): Promise<DynamicValue | undefined> {
  const json = raw?.json ?? Buffer.alloc(0);
  const current = call.resource.version ?? 0;
  const outcome = await server.run(call.diagnostics, `upgrade of ${call.typeName}`, () => {
    if (json.length === 0) throw unusable(`The state of ${call.typeName} is in a form older than Terraform 0.12`);
    let state = parseObject(json, call.typeName);
    // As it came, with every digit of its numbers, when there is nothing to do.
    if (from === current && fits(call.type, state)) return { msgpack: Buffer.alloc(0), json };
    for (let version = from; version < current; version++) {
      const step = call.resource.upgrade?.[version];
      if (step === undefined)
        throw unusable(
          `A state of ${call.typeName} in version ${version} cannot be used by this version of the provider`,
        );
      state = step(state);
    }
    const decimals = new Map<number, string>();
    const value = fromJson(call.type, Buffer.from(JSON.stringify(state)), decimals);
    // An attribute that came later has its default, so that having a newer provider changes nothing by itself.
    const whole = isObjectValue(value) ? withDefaults(call.type.attributes, value) : value;
    return encodeValue(call.type, whole, decimals);
  });
  return outcome.value;
}

function parseObject(json: Buffer, typeName: string): JsonObject {
  const value: unknown = JSON.parse(json.toString('utf8'));
  if (isJsonObject(value)) return value;
  throw unusable(`The state of ${typeName} is not an object`);
}

function unusable(message: string): Error {
  const cure =
    'Use the version of the provider that wrote it; or forget the resource with "terraform state rm" and import it.';
  return Object.assign(new Error(message), { cure });
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether every object in it has just the attributes of its type, so that Terraform can take it as it is. */
function fits(type: Type, value: unknown): boolean {
  if (value === null) return true;
  if (type.kind === 'object') {
    if (!isJsonObject(value)) return false;
    const names = Object.keys(type.attributes);
    return (
      names.length === Object.keys(value).length &&
      names.every((name) => {
        const attribute = type.attributes[name];
        return Object.hasOwn(value, name) && attribute !== undefined && fits(attribute.type, value[name]);
      })
    );
  }
  if (!('element' in type)) return true;
  const elements = Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : [];
  return elements.every((element) => fits(type.element, element));
}
