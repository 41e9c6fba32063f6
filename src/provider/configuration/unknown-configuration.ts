import { DctError } from '../../error';
import { UNKNOWN, type Resource, type Unknown } from '../../plugin';

/** A setting as it is at plan time: known, left out (null), or not known yet. */
export type Setting<T> = T | null | Unknown;

/**
 * What an attribute is at plan when the provider's configuration holds its default. While that is unknown, the value
 * before is kept, so that nothing is replaced only because Terraform does not know yet; the apply checks it.
 */
export function defaultFrom<T>(configured: Setting<T>, fallback: Setting<T>, prior: T | undefined): T | Unknown {
  if (configured !== null) return configured;
  if (fallback === UNKNOWN || fallback === null) return prior ?? UNKNOWN;
  return fallback;
}

/** The setting's value at the moment it is used. Throws `unknown_configuration` while it is not known. */
export function known<T>(setting: T, name: string): Exclude<T, Unknown> {
  if (setting === UNKNOWN) {
    throw new DctError('unknown_configuration', `The provider's ${name} is not known before apply`, {
      cure: 'apply first what it comes from (-target), or give it as a variable',
    });
  }
  return setting as Exclude<T, Unknown>;
}

/**
 * While the provider's configuration is not known, what exists cannot be looked at: its state is kept for this plan, as
 * if nothing had changed, and the apply looks again.
 */
export function keepWhileUnknown<C>(resource: Resource<C>): Resource<C> {
  return {
    ...resource,
    read: (args) =>
      unlessUnknown(
        () => resource.read(args),
        () => {
          args.log.info('state kept: the provider configuration is not known yet');
          return args.state;
        },
      ),
  };
}

/** Does what it can with the provider's configuration, and something else while that is not known. */
export async function unlessUnknown<T>(work: () => T | Promise<T>, otherwise: () => T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DctError) || error.code !== 'unknown_configuration') throw error;
    return otherwise();
  }
}
