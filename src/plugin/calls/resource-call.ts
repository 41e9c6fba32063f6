import { type Decimals, decodeValue, encodeValue } from '../codec';
import { Diagnostics } from '../diagnostics';
import type { Context, PrivateData, Resource } from '../definition';
import type { Diagnostic, DynamicValue, ResourceIdentityData } from '../generated/tfplugin6';
import { CallPrivateData } from '../private-data';
import type { ObjectType } from '../schema';
import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from '../value';
import { identityAttributes } from '../wire-schema';
import { contextOf, type Outcome, type ProviderServer, type Session } from './server';

/** One call about one managed resource: its values in and out, what it tells the user, what its handlers are given. */
export class ResourceCall {
  readonly resource: Resource<unknown>;
  readonly type: ObjectType;
  readonly diagnostics: Diagnostics;
  readonly privateData: CallPrivateData;
  private readonly decimals: Decimals = new Map();

  constructor(
    private readonly server: ProviderServer,
    private readonly session: Session,
    readonly typeName: string,
    privateBytes: Buffer = Buffer.alloc(0),
  ) {
    this.resource = server.resource(typeName);
    this.type = { kind: 'object', attributes: this.resource.attributes };
    this.diagnostics = new Diagnostics(this.resource.attributes);
    this.privateData = new CallPrivateData(privateBytes);
  }

  /** undefined: null, which stands for an object that is not there. */
  decode(dynamic: DynamicValue | undefined): ObjectValue | undefined {
    const value = decodeValue(this.type, dynamic, this.decimals);
    return isObjectValue(value) ? value : undefined;
  }

  encode(value: ObjectValue | undefined): DynamicValue {
    return encodeValue(this.type, value ?? null, this.decimals);
  }

  /** What identifies the object, for Terraform 1.12 and later; undefined while that is not known. */
  identity(state: ObjectValue | undefined): ResourceIdentityData | undefined {
    const names = this.resource.identity ?? [];
    if (state === undefined || names.length === 0) return undefined;
    const attributes = identityAttributes(this.resource.attributes, names);
    const values: ObjectValue = Object.fromEntries(names.map((name): [string, Value] => [name, state[name] ?? null]));
    if (Object.values(values).some((value) => value === null || value === UNKNOWN)) return undefined;
    return { identityData: encodeValue({ kind: 'object', attributes }, values, this.decimals) };
  }

  decodeIdentity(data: ResourceIdentityData | undefined): ObjectValue | undefined {
    const attributes = identityAttributes(this.resource.attributes, this.resource.identity ?? []);
    const value = decodeValue({ kind: 'object', attributes }, data?.identityData, this.decimals);
    return isObjectValue(value) ? value : undefined;
  }

  /** Runs a handler with its context; what it throws becomes a diagnostic. */
  run<T>(handler: string, work: (context: HandlerContext) => T | Promise<T>): Promise<Outcome<T>> {
    return this.server.run(this.diagnostics, `${handler} of ${this.typeName}`, () =>
      work({
        ...contextOf(this.server, this.session, this.diagnostics),
        error: this.diagnostics.error,
        provider: this.session.connection(),
        privateData: this.privateData,
      }),
    );
  }

  get messages(): Diagnostic[] {
    return this.diagnostics.messages;
  }
}

interface HandlerContext extends Context {
  readonly error: Diagnostics['error'];
  readonly provider: unknown;
  readonly privateData: PrivateData;
}
