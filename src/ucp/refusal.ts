import { DctError } from '../error';
import { HttpError, type HttpResponse, redact, serverMessage } from '../http';

/** An answer that is no success, as an error for the person at the terminal. `what`: "reading the registries". */
export function refusal(
  cluster: string,
  what: string,
  response: HttpResponse,
  secrets: readonly string[] = [],
): DctError {
  const { status } = response;
  const said = redact(serverMessage(response), secrets);
  const message = `Cluster "${cluster}" (${response.host}): ${what} was refused with status ${status}: ${said}`;
  if (status === 401) {
    return new DctError('ucp_not_authenticated', message, {
      cure: 'Use (client_bundle_path) a client bundle of a user of this very cluster; one made before its certificates were replaced no longer counts.',
    });
  }
  if (status === 403) {
    return new DctError('ucp_not_authorized', message, {
      cure: 'Use the client bundle (client_bundle_path), or username and password, of an administrator of this cluster.',
    });
  }
  if (status >= 300 && status < 400) {
    return new DctError('ucp_refused', message, { cure: 'Check that endpoint is the address of the UCP itself.' });
  }
  if (status >= 500) {
    return new DctError('ucp_unavailable', message, {
      cure: 'Check the health of the cluster (ucp-controller container logs) and try again.',
    });
  }
  return new DctError('ucp_refused', message, { cure: 'Look at the ucp-controller container logs of this cluster.' });
}

export function isSuccess(response: HttpResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

/** A failure that a restart of the cluster's components explains. */
export function isPassing(error: unknown): boolean {
  if (error instanceof HttpError) return ['unreachable', 'reset', 'timeout', 'protocol'].includes(error.code);
  return error instanceof DctError && error.code === 'ucp_unavailable';
}
