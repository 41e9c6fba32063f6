import { fetchRegistryCa, RegistryClient } from '../../dtr';
import type { HttpClient, HttpOptions } from '../../http';
import { type ClientBundle, readClientBundle } from '../../ucp';
import { fileOf } from '../errors/at-attribute';
import type { RegistrySettings } from './registry-settings';

/** The central registry, connected: its API, and its Notary server. */
export interface Registry {
  readonly client: RegistryClient;
  readonly notary: HttpClient;
  /** PEM of its authority; undefined: one that the system trusts. */
  readonly caBundle: string | undefined;
}

/** Fetches and checks the CA where only its fingerprint is known. `now`: what a client bundle has to be valid at. */
export async function connectRegistry(settings: RegistrySettings, http: HttpOptions, now: Date): Promise<Registry> {
  const { hostAddress, caSha256, clientBundlePath, credentials, notaryUrl } = settings;
  const caBundle =
    settings.caBundle ??
    (caSha256 === undefined ? undefined : await fetchRegistryCa(hostAddress, { sha256: caSha256, http }));
  const clientCertificate =
    clientBundlePath === undefined ? undefined : await openRegistryBundle(clientBundlePath, now);
  const client = new RegistryClient({ hostAddress, caBundle, clientCertificate, credentials, http });
  return { client, notary: client.clientOf(notaryUrl), caBundle };
}

export function openRegistryBundle(path: string, now: Date): Promise<ClientBundle> {
  return fileOf(['registry', 'client_bundle_path'], () => readClientBundle(path, { now }));
}
