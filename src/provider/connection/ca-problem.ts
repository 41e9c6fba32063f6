import { HttpClient, HttpError, type HttpOptions } from '../../http';

/** How long a registry is waited for that need not be reached from here, milliseconds. */
const LOOK = 5000;

/**
 * Whether the registry's certificate is from this authority: a UCP that is given another one cannot read signatures. What
 * cannot be reached from here is no problem: the UCP may reach it.
 */
export async function caProblem(hostAddress: string, caBundle: string, http: HttpOptions): Promise<string | undefined> {
  const signal = AbortSignal.timeout(LOOK);
  const client = new HttpClient({ url: `https://${hostAddress}`, caBundle }, { ...http, maxRetries: 0 });
  try {
    await client.request({ method: 'GET', path: '/v2/', signal });
    return undefined;
  } catch (error) {
    return error instanceof HttpError && error.code === 'tls_untrusted' ? error.message : undefined;
  } finally {
    await client.close();
  }
}
