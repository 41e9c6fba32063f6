import type { Gun } from '../../notary';
import type { Configuration } from '../configuration/configuration';
import { known } from '../configuration/unknown-configuration';

/** Root key IDs that `root_pins` wants for a GUN: those of the longest prefix, by whole path segments. */
export function pinsFor(config: Configuration, gun: Gun): readonly string[] | undefined {
  const pins = known(config.root_pins, 'root_pins') ?? {};
  const [longest] = Object.keys(pins)
    .filter((prefix) => gun === prefix || gun.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`))
    .sort((a, b) => b.length - a.length);
  if (longest === undefined) return undefined;
  const label = `root_pins[${JSON.stringify(longest)}]`;
  return known(pins[longest], label)?.map((id) => known(id, label));
}
