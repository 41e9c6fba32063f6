import type { DctProvider } from './dct-provider';
import type { Topology } from './topology';

/** Gives a provider what a topology says of none of its parts. */
export function configure(
  provider: DctProvider,
  { trustStore, rootPins, requestTimeoutSeconds, maxRetries }: Topology,
): void {
  if (trustStore !== undefined) provider.useTrustStore(trustStore);
  if (rootPins !== undefined) {
    provider.rootPins = Object.fromEntries(Object.entries(rootPins).map(([prefix, ids]) => [prefix, [...ids]]));
  }
  if (requestTimeoutSeconds !== undefined) provider.requestTimeoutSeconds = requestTimeoutSeconds;
  if (maxRetries !== undefined) provider.maxRetries = maxRetries;
}
