import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { ObjectValue, ProviderDefinition, Resource, Value } from '../../src/plugin';
import { ProviderServer, Session } from '../../src/plugin/calls/server';
import { type Call, providerCalls } from '../../src/plugin/calls/table';
import { decodeValue, encodeValue } from '../../src/plugin/codec';
import { type DynamicValue, ProviderDefinition as Provider } from '../../src/plugin/generated/tfplugin6';
import { hclog } from '../../src/plugin/log';

interface Method<Q, R> {
  readonly name: string;
  readonly requestType: { encode(message: Q): BinaryWriter };
  readonly responseType: { decode(bytes: Uint8Array): R };
}

/** Calls a provider with encoded requests and no Terraform in between: for what the Terraform at hand never asks. */
export class DirectCalls {
  readonly methods = Provider.methods;
  private readonly calls: ReadonlyMap<string, Call>;
  private readonly session = new Session();

  constructor(private readonly definition: ProviderDefinition) {
    const log = hclog(definition.name, () => undefined, {});
    this.calls = providerCalls(new ProviderServer(definition, log));
  }

  /** Sets up the connection that handlers get, without a configuration. */
  async configure(): Promise<void> {
    const attributes = Object.keys(this.definition.attributes).map((name): [string, Value] => [name, null]);
    const config = encodeValue(
      { kind: 'object', attributes: this.definition.attributes },
      Object.fromEntries(attributes),
      new Map(),
    );
    await this.call(this.methods.configureProvider, { terraformVersion: '1.12.0', config });
  }

  async call<Q, R>({ name, requestType, responseType }: Method<Q, R>, request: Q): Promise<R> {
    const call = this.calls.get(`/${Provider.fullName}/${name}`);
    if (call === undefined) throw new Error(`${name} is not implemented`);
    return responseType.decode(await call(this.session, requestType.encode(request).finish()));
  }
}

/** An object of the resource, what is left out null, as Terraform sends it. */
export function sent({ attributes }: Pick<Resource<never>, 'attributes'>, value: ObjectValue): DynamicValue {
  const whole = Object.keys(attributes).map((name): [string, Value] => [name, value[name] ?? null]);
  return encodeValue({ kind: 'object', attributes }, Object.fromEntries(whole), new Map());
}

export function received(
  { attributes }: Pick<Resource<never>, 'attributes'>,
  dynamic: DynamicValue | undefined,
): Value {
  return decodeValue({ kind: 'object', attributes }, dynamic, new Map());
}
