import { json, type Reply, type SandboxRequest } from '../route';
import { NotaryError } from './errors';
import type { Change } from './metadata-store';

/**
 * Publishes and deletions after `change_id`, at most `records` of them, oldest first; a negative number asks for the
 * newest. @throws NotaryError `INVALID_PARAMS`
 */
export function changefeed(request: SandboxRequest, changes: readonly Change[], gun?: string): Reply {
  const records = Number(request.query.get('records') ?? '100');
  const after = Number(request.query.get('change_id') ?? '0');
  if (!Number.isInteger(records) || !Number.isInteger(after)) {
    throw new NotaryError('INVALID_PARAMS', 'invalid records parameter, must be an integer');
  }
  const own = changes.filter((change) => gun === undefined || change.GUN === gun);
  const backwards = records < 0 || after < 0;
  const found = backwards
    ? own.filter(({ ID }) => after <= 0 || Number(ID) < after).slice(-Math.abs(records || 100))
    : own.filter(({ ID }) => Number(ID) > after).slice(0, records || 100);
  return json({ count: found.length, records: found });
}
