import { providerAnswers, type Log, type ProviderAnswers } from '../plugin';
import { dctProvider } from './provider';

/** The provider, ready to answer Terraform. */
export function dctAnswers(log: Log): ProviderAnswers {
  return providerAnswers(dctProvider, log);
}

/** What it answers to GetProviderSchema, for the build. */
export async function schemaReply(): Promise<Uint8Array> {
  const ignore = (): void => undefined;
  const answers = dctAnswers({ trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore });
  const answer = answers.calls.get('/tfplugin6.Provider/GetProviderSchema');
  if (answer === undefined) throw new Error('the provider does not answer GetProviderSchema');
  return answer(answers.newSession(), new Uint8Array());
}
