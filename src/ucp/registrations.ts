import * as v from 'valibot';
import { DctError } from '../error';
import { checkHostAddress, type Sleep, sleep } from '../http';
import { plainPem, sameCertificates } from './certificates';
import { type Registration, type TrustTables, sameHost } from './config';
import type { ConfigDocument, ConfigEdit } from './config-document';
import { removeRegistration, setRegistration } from './config-text';
import type { UcpConnection } from './connection';
import { isPassing, isSuccess, refusal } from './refusal';

const listPath = '/api/ucp/config/dtr';
const addPath = '/api/config/trustedregistry_';
/** About 30 seconds. */
const maxLooks = 16;

/** Go reads JSON names whatever their case, and so do we: `registries` and `Registries` were both seen. */
const listSchema = v.pipe(
  v.unknown(),
  v.transform(lowerCaseNames),
  v.object({
    registries: v.nullable(
      v.array(
        v.object({
          hostaddress: v.string(),
          cabundle: v.nullish(v.string(), ''),
          serviceid: v.nullish(v.string(), ''),
          batchscanningdataenabled: v.nullish(v.boolean()),
        }),
      ),
    ),
  }),
);

/** The DTRs a UCP knows. */
export class Registrations {
  /** `GET /api/ucp/config/dtr` is in no documentation; a UCP that does not have it is asked only once. */
  private hasList = true;

  constructor(
    private readonly connection: UcpConnection,
    private readonly config: ConfigDocument,
    private readonly wait: Sleep = sleep,
  ) {}

  async list(signal?: AbortSignal): Promise<readonly Registration[]> {
    if (this.hasList) {
      const response = await this.connection.send({
        method: 'GET',
        path: listPath,
        headers: { accept: 'application/json' },
        signal,
      });
      const listed = isSuccess(response) ? parseList(response.text()) : undefined;
      if (listed) return listed;
      if (!isSuccess(response) && ![404, 405, 501].includes(response.status)) {
        throw refusal(this.connection.name, 'reading the registries', response);
      }
      this.hasList = false;
    }
    return (await this.config.read(signal)).registries;
  }

  /**
   * Registers a DTR, or gives the registration it has this CA. A new one goes the documented way, `POST
   * /api/config/trustedregistry_`. That takes only host and CA, and so might blank the service ID (single sign-on) and flags of
   * an entry that exists; such an entry is changed in the configuration document instead, where all but its CA stays.
   */
  async register(hostAddress: string, caBundle: string, signal?: AbortSignal): Promise<Registration> {
    checkHostAddress(hostAddress, 'registry host address');
    const pem = this.checkedPem(hostAddress, caBundle);
    return this.config.exclusive(async (now) => {
      const known = (await this.list(signal)).filter((entry) => sameHost(entry.hostAddress, hostAddress));
      const [first] = known;
      if (first && known.every((entry) => sameCertificates(entry.caBundle, pem))) return first;
      const edit = registering(hostAddress, pem, signal);
      const isPosted = first === undefined && (await this.post(hostAddress, pem));
      if (!isPosted) await now(edit);
      return this.readBack(hostAddress, pem, isPosted, signal);
    });
  }

  /** @throws DctError `ucp_registration_has_service_id` for the cluster's own DTR */
  async unregister(hostAddress: string, signal?: AbortSignal): Promise<void> {
    await this.config.edit({
      what: `unregistering ${hostAddress}`,
      apply: (text) => removeRegistration(text, hostAddress),
      isVisible: ({ registries }) => !registries.some((entry) => sameHost(entry.hostAddress, hostAddress)),
      signal,
    });
  }

  /**
   * False when this UCP does not have the endpoint. Posting the same again does no harm, so it may be repeated. It is not
   * aborted: nobody would know whether it arrived.
   */
  private async post(hostAddress: string, caBundle: string): Promise<boolean> {
    const response = await this.connection.send({
      method: 'POST',
      path: addPath,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ hostAddress, caBundle }),
      safeToRetry: true,
    });
    if (isSuccess(response)) return true;
    if ([404, 405, 501].includes(response.status)) return false;
    throw refusal(this.connection.name, `registering ${hostAddress}`, response);
  }

  /**
   * UCP says nothing about what it makes of a registration, so it is looked for; its components may restart meanwhile. Somebody
   * who sends the whole document at the same time takes a posted one out again: then it is posted again.
   */
  private async readBack(
    hostAddress: string,
    caBundle: string,
    isPosted: boolean,
    signal?: AbortSignal,
  ): Promise<Registration> {
    for (let look = 1; ; look += 1) {
      const list = await this.list().catch((error: unknown) => {
        if (look < maxLooks && isPassing(error)) return undefined;
        throw error;
      });
      const found = list?.find((entry) => sameHost(entry.hostAddress, hostAddress));
      if (found && sameCertificates(found.caBundle, caBundle)) return found;
      if (look === maxLooks) throw this.notListed(hostAddress, found !== undefined);
      if (isPosted && list && !found && look % 4 === 0) await this.post(hostAddress, caBundle);
      await this.wait(Math.min(250 * look, 4000), signal);
    }
  }

  private checkedPem(hostAddress: string, caBundle: string): string {
    try {
      return plainPem(caBundle);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new DctError(
        'invalid_ca_bundle',
        `The CA of ${hostAddress} for cluster "${this.connection.name}" is not usable: ${why}.`,
        {
          cure: `Give as ca_bundle the PEM text that https://${hostAddress}/ca returns.`,
          cause,
        },
      );
    }
  }

  private notListed(hostAddress: string, otherCa: boolean): DctError {
    const what = otherCa ? `still lists ${hostAddress} with another CA` : `does not list ${hostAddress}`;
    return new DctError(
      'ucp_registration_not_applied',
      `Cluster "${this.connection.name}" (${this.connection.http.host}) took the registration, but ${what}.`,
      {
        cure: 'Look at the ucp-controller container logs of this cluster: UCP itself does not say what it makes of a registration.',
      },
    );
  }
}

function registering(hostAddress: string, caBundle: string, signal: AbortSignal | undefined): ConfigEdit {
  return {
    what: `registering ${hostAddress}`,
    apply: (text) => setRegistration(text, { hostAddress, caBundle }),
    isVisible: ({ registries }: TrustTables) =>
      registries.some(
        (entry) => sameHost(entry.hostAddress, hostAddress) && sameCertificates(entry.caBundle, caBundle),
      ),
    signal,
  };
}

function parseList(text: string): Registration[] | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const result = v.safeParse(listSchema, body);
  if (!result.success) return undefined;
  return (result.output.registries ?? []).map((entry) => ({
    hostAddress: entry.hostaddress,
    caBundle: entry.cabundle,
    serviceId: entry.serviceid,
    batchScanningDataEnabled: entry.batchscanningdataenabled ?? undefined,
  }));
}

function lowerCaseNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerCaseNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name.toLowerCase(), lowerCaseNames(item)]));
}
