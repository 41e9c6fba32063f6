import { DctError } from '../../error';
import type { RoleName } from '../documents';
import type { Session } from './session';

/**
 * A publish that met a deletion: the server looks at what it is sent before it stores it, and does not look again. One with a
 * database gives the old root out as long as it runs, since it keeps in memory what it has given out by its hash.
 */
export function remains({ gun, host }: Session): DctError {
  const message = `${host} holds remains of the trust data of ${gun}, without a root: it was deleted while somebody published to it, and nobody can read what is left`;
  return new DctError('trust_data_remains', message, {
    cure: `make it anew, which deletes them first (a dct_repository does), or delete them: notary delete --remote ${gun}`,
  });
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
