import { DctError } from '../../error';
import { type HttpResponse, serverErrorCodes, serverMessage } from '../../http';
import type { Gun } from '../documents';

/** Somebody else was faster: memory storage says VERSION, PostgreSQL mostly UPDATING. */
export function isConflict(response: HttpResponse): boolean {
  const codes = serverErrorCodes(response);
  return codes.includes('VERSION') || codes.includes('UPDATING');
}

/** The server looked at the update and found it wrong; of two first roots at once the second is refused so, too. */
export function isInvalidUpdate(response: HttpResponse): boolean {
  return serverErrorCodes(response).includes('INVALID_UPDATE');
}

/** A 404 of a Notary server, as against one of whatever else answers at that address. */
export function isNotFound(response: HttpResponse): boolean {
  return response.status === 404 && serverErrorCodes(response).length > 0;
}

/** Says what the server did not like. `what`: `read root.json of`, `publish to` … */
export function refusal(response: HttpResponse, gun: Gun, what: string): DctError {
  const { host, status } = response;
  const message = `cannot ${what} ${gun}: ${host} answered ${status}: ${serverMessage(response)}`;
  const [code, cure] = reasonFor(response, gun);
  return new DctError(code, message, { cure });
}

function reasonFor(response: HttpResponse, gun: Gun): readonly [code: string, cure: string] {
  const codes = serverErrorCodes(response);
  const said = serverMessage(response);
  if (isConflict(response)) return ['conflict', 'try again: others are changing this repository at the same time'];
  if (codes.includes('INVALID_GUN')) {
    return [
      'gun_refused',
      `check the host address of ${gun}: the server takes only certain prefixes (repositories.gun_prefixes)`,
    ];
  }
  if (codes.includes('INVALID_UPDATE')) return ['refused_update', cureForInvalidUpdate(said)];
  if (codes.some((each) => each.startsWith('MALFORMED_') || each === 'INVALID_ROLE')) {
    return ['refused_update', 'look at what stands between here and the server: a proxy may have changed the request'];
  }
  if (response.status >= 300 && response.status < 400) {
    return ['redirected', 'check registry.notary_url: redirects are not followed, so that nothing is sent elsewhere'];
  }
  if (response.status === 403)
    return ['forbidden', 'give a user who may do this in the registry (registry.username and registry.password)'];
  if (response.status === 404) return ['not_a_notary_server', 'check registry.notary_url: no Notary server is there'];
  if (response.status === 413) return ['refused_update', 'raise the request size limit of the proxy before the server'];
  return ['server_failed', 'look at the log of the Notary server, and try again'];
}

function cureForInvalidUpdate(said: string): string {
  if (/leaf certificates/.test(said)) {
    return 'look at the certificate of the root key: it is for another GUN or has expired; an expired one leaves only deleting the trust data and initialising it again';
  }
  if (/key .* not found|ErrBadHierarchy/.test(said)) {
    return 'restore the signer of the server, or rotate these keys: it does not hold the timestamp or snapshot key that the root names';
  }
  if (/snapshot/i.test(said)) return 'see who manages the snapshot key: notary key list, notary key rotate';
  return 'compare with what the server holds (docker trust inspect --pretty); another client may have changed it';
}
