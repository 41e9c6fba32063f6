import type { DctError } from '../../error';
import type { Context, Path } from '../../plugin';
import { explain } from '../errors/explain';

const WHEN = 'The apply fails, unless such a key is at hand by then.';

/** At plan, a key that the apply needs and that is not at hand: no error, since whoever applies may have it. */
export function warnOfKeyToCome(missing: DctError, attribute: Path, warn: Context['warn']): void {
  const said = explain(missing);
  if (said !== undefined) warn(attribute, said.summary, `${WHEN}\n${said.detail ?? ''}`);
}
