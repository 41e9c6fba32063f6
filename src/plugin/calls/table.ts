import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import { ProviderDefinition as Provider } from '../generated/tfplugin6';
import { applyResourceChange } from './apply';
import { configureProvider, validateProviderConfig } from './configure';
import { readDataSource } from './data-source';
import { callFunction } from './function';
import { importResourceState } from './import';
import { planResourceChange } from './plan';
import { readResource } from './read';
import { getFunctions, getMetadata, getProviderSchema, getResourceIdentitySchemas } from './schema';
import type { ProviderServer, Session } from './server';
import { moveResourceState, upgradeResourceIdentity, upgradeResourceState } from './upgrade';
import { validateDataResourceConfig, validateResourceConfig } from './validate';

/** Bytes of a request to bytes of its reply. */
export type Call = (session: Session, request: Uint8Array) => Promise<Uint8Array>;

/** Every call this provider answers, by its gRPC path; the others are unimplemented. */
export function providerCalls(server: ProviderServer): ReadonlyMap<string, Call> {
  const { methods } = Provider;
  const on =
    <Q, R>(answer: (server: ProviderServer, session: Session, request: Q) => R | Promise<R>) =>
    (session: Session, request: Q) =>
      answer(server, session, request);
  return new Map([
    call(methods.getMetadata, () => getMetadata(server)),
    call(methods.getProviderSchema, () => getProviderSchema(server)),
    call(methods.getResourceIdentitySchemas, () => getResourceIdentitySchemas(server)),
    call(methods.getFunctions, () => getFunctions(server)),
    call(methods.callFunction, (_, request) => callFunction(server, request)),
    call(methods.validateProviderConfig, on(validateProviderConfig)),
    call(methods.configureProvider, on(configureProvider)),
    call(methods.stopProvider, (session) => {
      session.stop();
      return { error: '' };
    }),
    call(methods.validateResourceConfig, on(validateResourceConfig)),
    call(methods.upgradeResourceState, on(upgradeResourceState)),
    call(methods.upgradeResourceIdentity, on(upgradeResourceIdentity)),
    call(methods.readResource, on(readResource)),
    call(methods.planResourceChange, on(planResourceChange)),
    call(methods.applyResourceChange, on(applyResourceChange)),
    call(methods.importResourceState, on(importResourceState)),
    call(methods.moveResourceState, on(moveResourceState)),
    call(methods.validateDataResourceConfig, on(validateDataResourceConfig)),
    call(methods.readDataSource, on(readDataSource)),
  ]);
}

interface Method<Q, R> {
  readonly name: string;
  readonly requestType: { decode(bytes: Uint8Array): Q };
  readonly responseType: { encode(message: R): BinaryWriter };
}

function call<Q, R>(
  { name, requestType, responseType }: Method<Q, R>,
  answer: (session: Session, request: Q) => R | Promise<R>,
): [string, Call] {
  return [
    `/${Provider.fullName}/${name}`,
    async (session, request) => responseType.encode(await answer(session, requestType.decode(request))).finish(),
  ];
}
