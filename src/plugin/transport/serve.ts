import { providerAnswers } from '../calls/answers';
import type { ProviderDefinition } from '../definition';
import { start } from './start';

/** Serves a provider that is loaded already; see {@link start}. */
export function serve(definition: ProviderDefinition): Promise<void> {
  return start({ name: definition.name, load: (log) => Promise.resolve(providerAnswers(definition, log)) });
}
