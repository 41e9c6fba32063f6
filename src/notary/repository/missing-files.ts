import { DctError } from '../../error';
import type { RoleName } from '../documents';
import type { Session } from './session';

/**
 * No version of the root, though there is a timestamp. Nobody can read that, docker neither. Somebody may hold the root back;
 * or a publish met a deletion: the server looks at what it is sent before it stores it, and does not look again. (One with a
 * database gives the old root out as long as it runs, since it keeps in memory what it has given out by its hash.)
 */
export function missingRoot({ gun, host }: Session): DctError {
  return new DctError(
    'missing_root',
    `${host} gives out trust data of ${gun}, but no root, without which nobody can read it`,
    {
      cure:
        'see whether something in between holds the root back, such as a proxy; if somebody deleted the trust data while another ' +
        `published to it, this is what is left: notary delete --remote ${gun}, and make it anew`,
    },
  );
}

/** The server names a file, or has one that needs it, and does not give it out. */
export function missing(session: Session, role: RoleName): DctError {
  return new DctError(
    'missing_metadata',
    `trust data of ${session.gun}, role ${role}: ${session.host} does not give out the file it has a record of`,
    {
      cure: 'publish the next version of this role in exact form, which repairs it: somebody published bytes that the server writes in another way',
    },
  );
}
