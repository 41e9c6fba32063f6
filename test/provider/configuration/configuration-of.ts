import type { Configuration } from '../../../src/provider/configuration/configuration';

/** A provider block with nothing in it but what is given. */
export function configurationOf(given: Partial<Configuration>): Configuration {
  return {
    registry: null,
    clusters: null,
    trust_store: null,
    signing_keys: null,
    root_pins: null,
    request_timeout_seconds: null,
    max_retries: null,
    ...given,
  };
}
