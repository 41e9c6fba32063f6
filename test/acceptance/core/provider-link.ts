import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { ProviderAnswers } from '../../../src/plugin';
import {
  type Diagnostic,
  Diagnostic_Severity,
  type DynamicValue,
  ProviderDefinition as Provider,
  type Schema_Attribute,
} from '../../../src/plugin/generated/tfplugin6';
import { ProviderFault } from './checks';
import { completed, fromWire, type Schema, schemaOf, toWire, type Values } from './wire';

interface Method<Q, R> {
  readonly name: string;
  readonly requestType: { encode(message: Q): BinaryWriter };
  readonly responseType: { decode(bytes: Uint8Array): R };
}
export interface Said {
  readonly severity: 'error' | 'warning';
  readonly address: string;
  readonly text: string;
}
export interface Schemas {
  readonly provider: readonly Schema_Attribute[];
  readonly resources: ReadonlyMap<string, Schema>;
}
const { methods } = Provider;

/** The provider of one walk, as Terraform would spawn and configure it: values in, values out, all by encoded messages. */
export class ProviderLink {
  private readonly session;

  constructor(
    private readonly answers: ProviderAnswers,
    private readonly schemas: Schemas,
    /** What it had to say. */
    private readonly said: Said[],
  ) {
    this.session = answers.newSession();
  }

  static async schemas(answers: ProviderAnswers): Promise<Schemas> {
    const { provider, resourceSchemas } = await new ProviderLink(
      answers,
      { provider: [], resources: new Map() },
      [],
    ).send(methods.getProviderSchema, {});
    return {
      provider: provider?.block?.attributes ?? [],
      resources: new Map(
        Object.entries(resourceSchemas).map(([type, { block }]) => [type, schemaOf(block?.attributes ?? [])]),
      ),
    };
  }

  schema(type: string): Schema {
    const schema = this.schemas.resources.get(type);
    if (schema === undefined) throw new Error(`no resource ${type}`);
    return schema;
  }

  /** @returns whether it can be used */
  async configure(given: Values, isValidated: boolean): Promise<boolean> {
    const config = toWire(completed(this.schemas.provider, given));
    if (!isValidated) {
      const { diagnostics } = await this.send(methods.validateProviderConfig, { config });
      if (this.failed('provider', diagnostics)) return false;
    }
    const configured = await this.send(methods.configureProvider, { terraformVersion: '1.11.4', config });
    return !this.failed('provider', configured.diagnostics);
  }

  close(): Promise<void> {
    return this.answers.disconnect(this.session);
  }

  async validate(address: string, type: string, config: Values): Promise<boolean> {
    const reply = await this.send(methods.validateResourceConfig, { typeName: type, config: toWire(config) });
    return !this.failed(address, reply.diagnostics);
  }

  async upgrade(address: string, type: string, state: Values): Promise<Values | undefined> {
    const rawState = { json: Buffer.from(JSON.stringify(state)) };
    const reply = await this.send(methods.upgradeResourceState, { typeName: type, version: 0, rawState });
    if (this.failed(address, reply.diagnostics)) return undefined;
    return this.object(address, type, reply.upgradedState) ?? undefined;
  }

  async read(address: string, type: string, state: Values, data: Buffer) {
    const reply = await this.send(methods.readResource, { typeName: type, currentState: toWire(state), private: data });
    if (this.failed(address, reply.diagnostics)) return undefined;
    return { value: this.object(address, type, reply.newState), private: reply.private };
  }

  async plan(
    address: string,
    type: string,
    request: {
      readonly prior: Values | null;
      readonly proposed: Values | null;
      readonly config: Values | null;
      readonly private: Buffer;
    },
  ) {
    const reply = await this.send(methods.planResourceChange, {
      typeName: type,
      priorState: toWire(request.prior),
      proposedNewState: toWire(request.proposed),
      config: toWire(request.config),
      priorPrivate: request.private,
    });
    if (this.failed(address, reply.diagnostics)) return undefined;
    const paths = reply.requiresReplace.map(({ steps }) => steps[0]?.attributeName ?? '');
    return { value: this.object(address, type, reply.plannedState), private: reply.plannedPrivate, paths };
  }

  async apply(
    address: string,
    type: string,
    request: {
      readonly prior: Values | null;
      readonly planned: Values | null;
      readonly config: Values | null;
      readonly private: Buffer;
    },
  ) {
    const reply = await this.send(methods.applyResourceChange, {
      typeName: type,
      priorState: toWire(request.prior),
      plannedState: toWire(request.planned),
      config: toWire(request.config),
      plannedPrivate: request.private,
    });
    const failed = this.failed(address, reply.diagnostics);
    return { failed, value: this.object(address, type, reply.newState), private: reply.private };
  }

  async import(address: string, type: string, id: string) {
    const reply = await this.send(methods.importResourceState, { typeName: type, id, identity: undefined });
    const [found] = reply.importedResources;
    if (this.failed(address, reply.diagnostics) || found === undefined) return undefined;
    const state = this.object(address, type, found.state);
    return state === null ? undefined : this.read(address, type, state, found.private);
  }

  private object(address: string, type: string, dynamic: DynamicValue | undefined): Values | null {
    try {
      return fromWire(this.schema(type), dynamic);
    } catch (error) {
      throw new ProviderFault(`Provider produced invalid object: ${address}: ${String(error)}`);
    }
  }

  private failed(address: string, diagnostics: readonly Diagnostic[]): boolean {
    for (const { severity, summary, detail } of diagnostics) {
      if (summary.includes('The provider made a mistake')) throw new ProviderFault(`${address}: ${summary}\n${detail}`);
      const isError = severity === Diagnostic_Severity.ERROR;
      this.said.push({ severity: isError ? 'error' : 'warning', address, text: `${summary}\n${detail}` });
    }
    return diagnostics.some(({ severity }) => severity === Diagnostic_Severity.ERROR);
  }

  private async send<Q, R>({ name, requestType, responseType }: Method<Q, R>, request: Q): Promise<R> {
    const answer = this.answers.calls.get(`/${Provider.fullName}/${name}`);
    if (answer === undefined) throw new Error(`${name} is not implemented`);
    return responseType.decode(await answer(this.session, requestType.encode(request).finish()));
  }
}
