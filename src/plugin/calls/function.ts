import { type Decimals, decodeValue, encodeValue } from '../codec';
import { conformValue } from '../conformity';
import { explainError } from '../diagnostics';
import type { CallFunction_Request, CallFunction_Response } from '../generated/tfplugin6';
import type { Value } from '../value';
import { found, type ProviderServer } from './server';

/** A provider's function. Terraform calls it before the provider is configured, with arguments that are known and not null. */
export async function callFunction(
  server: ProviderServer,
  request: CallFunction_Request,
): Promise<CallFunction_Response> {
  const called = found(server.functions, request.name, 'function');
  const decimals: Decimals = new Map();
  const given = Object.fromEntries(
    called.parameters.map(({ name, type }, i): [string, Value] => [
      name,
      decodeValue(type, request.arguments[i], decimals),
    ]),
  );
  try {
    const result = conformValue(called.returns, await called.run(given), 'known', []);
    return { result: encodeValue(called.returns, result, decimals), error: undefined };
  } catch (error) {
    const { summary, detail, path } = explainError(
      error,
      `function ${request.name}`,
      server.definition.explain?.bind(server.definition),
    );
    const argument = called.parameters.findIndex(({ name }) => name === path?.[0]);
    return {
      result: undefined,
      error: {
        text: [summary, detail].filter((part) => part !== undefined && part !== '').join('\n\n'),
        functionArgument: argument >= 0 ? argument : undefined,
      },
    };
  }
}
