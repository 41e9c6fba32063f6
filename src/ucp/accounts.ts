import * as v from 'valibot';
import { DctError } from '../error';
import type { HttpResponse } from '../http';
import type { UcpConnection } from './connection';
import { isSuccess, refusal } from './refusal';

const text = v.optional(v.string(), '');
const flag = v.optional(v.boolean(), false);

const accountSchema = v.object({
  id: v.string(),
  name: v.string(),
  fullName: text,
  isOrg: flag,
  isAdmin: flag,
  isActive: v.optional(v.boolean(), true),
});
const teamSchema = v.object({ id: v.string(), orgID: text, name: v.string(), description: text });
const memberSchema = v.object({ member: accountSchema, isAdmin: flag });
const publicKeySchema = v.object({
  id: v.string(),
  accountID: text,
  publicKey: v.string(),
  label: text,
  certificates: v.nullish(v.array(v.object({ label: text, cert: v.string() }))),
});

/** Documented as an object with the list in it; a list alone says the same. */
const pageSchema = v.union([v.array(v.unknown()), v.looseObject({ nextPageStart: v.nullish(v.string()) })]);

/** A user or an organization. */
export type Account = v.InferOutput<typeof accountSchema>;
export type Team = v.InferOutput<typeof teamSchema>;
export type Member = v.InferOutput<typeof memberSchema>;
/** A public key of a user: `publicKey` PEM; `id` the hash of its DER bytes, as eNZi computes it; `certificates` PEM. */
export type AccountPublicKey = v.InferOutput<typeof publicKeySchema>;
export type AccountFilter = 'users' | 'orgs' | 'admins' | 'non-admins' | 'active-users' | 'inactive-users' | 'all';

/**
 * Reads of eNZi, the accounts of a UCP (swagger of UCP 3.2, `/accounts`). Names and IDs are taken alike. All lists are read to
 * their end. What does not exist is undefined.
 */
export class Accounts {
  /** UCP has these paths at the root, DTR and some UCPs under /enzi/v0. */
  private prefix: '' | '/enzi/v0' | undefined;

  constructor(private readonly connection: UcpConnection) {}

  async list(filter: AccountFilter, signal?: AbortSignal): Promise<Account[]> {
    return (await this.all('/accounts/', ['accounts'], accountSchema, 'listing accounts', { filter }, signal)) ?? [];
  }

  account(nameOrId: string, signal?: AbortSignal): Promise<Account | undefined> {
    return this.one(`/accounts/${encodeURIComponent(nameOrId)}`, accountSchema, `reading account ${nameOrId}`, signal);
  }

  teams(organization: string, signal?: AbortSignal): Promise<Team[] | undefined> {
    const path = `/accounts/${encodeURIComponent(organization)}/teams`;
    return this.all(path, ['teams'], teamSchema, `listing the teams of ${organization}`, {}, signal);
  }

  team(organization: string, team: string, signal?: AbortSignal): Promise<Team | undefined> {
    return this.one(teamPath(organization, team), teamSchema, `reading team ${organization}/${team}`, signal);
  }

  members(organization: string, team: string, signal?: AbortSignal): Promise<Member[] | undefined> {
    const path = `${teamPath(organization, team)}/members`;
    return this.all(path, ['members'], memberSchema, `listing the members of ${organization}/${team}`, {}, signal);
  }

  publicKeys(user: string, signal?: AbortSignal): Promise<AccountPublicKey[] | undefined> {
    const path = `/accounts/${encodeURIComponent(user)}/publicKeys`;
    return this.all(
      path,
      ['accountPublicKeys', 'publicKeys', 'keys'],
      publicKeySchema,
      `listing the public keys of ${user}`,
      {},
      signal,
    );
  }

  private async one<T>(
    path: string,
    schema: v.GenericSchema<unknown, T>,
    what: string,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    const response = await this.get(path, {}, signal);
    if (response.status === 404) return undefined;
    if (!isSuccess(response)) throw refusal(this.connection.name, what, response);
    return this.connection.parse(response, schema, what);
  }

  /** Follows `nextPageStart` (also as header X-Next-Page-Start) through `start`; pages are of 10 unless asked otherwise. */
  private async all<T>(
    path: string,
    names: readonly string[],
    schema: v.GenericSchema<unknown, T>,
    what: string,
    query: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<T[] | undefined> {
    const items: T[] = [];
    const seen = new Set<string>();
    let start: string | undefined;
    for (;;) {
      const response = await this.get(
        path,
        { ...query, limit: '100', ...(start === undefined ? {} : { start }) },
        signal,
      );
      if (response.status === 404) return undefined;
      if (!isSuccess(response)) throw refusal(this.connection.name, what, response);
      const page = this.connection.parse(response, pageSchema, what);
      const isBare = Array.isArray(page);
      const list = isBare ? page : names.map((name) => page[name]).find((value) => value !== undefined);
      items.push(...this.connection.check(list ?? [], v.array(schema), what));
      start = (isBare ? undefined : page.nextPageStart) || response.headers['x-next-page-start'];
      if (start === undefined || start === '') return items;
      if (seen.has(start)) throw this.circling(what);
      seen.add(start);
    }
  }

  private async get(
    path: string,
    query: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<HttpResponse> {
    const send = (prefix: string): Promise<HttpResponse> =>
      this.connection.send({
        method: 'GET',
        path: prefix + path,
        query,
        headers: { accept: 'application/json' },
        signal,
      });
    if (this.prefix !== undefined) return send(this.prefix);
    const atRoot = await send('');
    // A name that does not exist and a path that does not exist are both 404, so only a success settles where the paths are.
    if (atRoot.status !== 404 && !isPage(atRoot)) {
      if (isSuccess(atRoot)) this.prefix = '';
      return atRoot;
    }
    const underEnzi = await send('/enzi/v0');
    if (isSuccess(underEnzi) && !isPage(underEnzi)) this.prefix = '/enzi/v0';
    return underEnzi.status === 404 ? atRoot : underEnzi;
  }

  private circling(what: string): DctError {
    return new DctError(
      'ucp_unexpected_answer',
      `Cluster "${this.connection.name}" (${this.connection.http.host}): ${what} gave the same page again and again.`,
      {
        cure: 'Report this with the version of the cluster.',
      },
    );
  }
}

function teamPath(organization: string, team: string): string {
  return `/accounts/${encodeURIComponent(organization)}/teams/${encodeURIComponent(team)}`;
}

/** The web interface answers unknown paths with its own page. */
function isPage(response: HttpResponse): boolean {
  return (response.headers['content-type'] ?? '').includes('text/html');
}
