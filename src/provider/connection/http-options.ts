import type { HttpOptions } from '../../http';
import type { Log } from '../../plugin';
import type { Configuration } from '../configuration/configuration';
import { known } from '../configuration/unknown-configuration';

/** How requests are made; each one is a line of Terraform's debug log. */
export function httpOptions(config: Configuration, log: Log): HttpOptions {
  const setting = (name: 'request_timeout_seconds' | 'max_retries'): number | undefined => {
    const value = config[name];
    // Not worth failing for while it is not known.
    return typeof value === 'symbol' || value === null ? undefined : Number(known(value, name));
  };
  return {
    timeoutSeconds: setting('request_timeout_seconds'),
    maxRetries: setting('max_retries'),
    log: ({ method, url, ...outcome }) => log.debug(`${method} ${url}`, { ...outcome }),
  };
}
