import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { empty, json, type Reply, type Route, type SandboxRequest } from '../route';
import type { Account, Accounts } from './accounts';
import type { Controller } from './controller';
import { pageOf } from './paging';
import { bodyOf, enziError, enziRoute, Refused } from './replies';

const newAccountSchema = v.object({
  name: v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]{1,}$/)),
  fullName: v.optional(v.string()),
  isOrg: v.optional(v.boolean()),
  isAdmin: v.optional(v.boolean()),
  isActive: v.optional(v.boolean()),
  password: v.optional(v.string()),
});
const accountChangeSchema = v.object({
  fullName: v.optional(v.string()),
  isAdmin: v.optional(v.boolean()),
  isActive: v.optional(v.boolean()),
});

/** Users and organisations (UCP API: `accounts`). Everybody signed in may read, admins change. */
export function accountRoutes(controller: Controller): Route[] {
  const { accounts } = controller;
  return [
    enziRoute(controller, 'GET', '/accounts', (request) => {
      const all = accounts.list().filter((account) => isWanted(account, request));
      const page = pageOf(all, request, ({ name }) => name);
      return json({
        accounts: page.items.map((account) => accountReply(account, accounts)),
        usersCount: accounts.list().filter(({ isOrg }) => !isOrg).length,
        orgsCount: accounts.list().filter(({ isOrg }) => isOrg).length,
        resourceCount: all.length,
        nextPageStart: page.nextPageStart,
      });
    }),
    enziRoute(controller, 'POST', '/accounts', async (request, account) => {
      requireAdmin(account);
      const wanted = bodyOf(request, newAccountSchema, invalid);
      if (accounts.find(wanted.name) !== undefined) {
        return enziError(409, 'ACCOUNT_EXISTS', `An account named ${wanted.name} already exists.`);
      }
      const password = wanted.isOrg === true ? '' : (wanted.password ?? randomBytes(9).toString('base64url'));
      const added = accounts.add({ ...wanted, password });
      await controller.save();
      return json(accountReply(added, accounts), 201);
    }),
    enziRoute(controller, 'GET', '/accounts/:account', (request) =>
      json(accountReply(accountNamed(accounts, request), accounts)),
    ),
    enziRoute(controller, 'PATCH', '/accounts/:account', async (request, account) => {
      requireAdmin(account);
      const changed = accountNamed(accounts, request);
      const change = bodyOf(request, accountChangeSchema, invalid);
      changed.fullName = change.fullName ?? changed.fullName;
      changed.isAdmin = change.isAdmin ?? changed.isAdmin;
      changed.isActive = change.isActive ?? changed.isActive;
      await controller.save();
      return json(accountReply(changed, accounts));
    }),
    enziRoute(controller, 'DELETE', '/accounts/:account', async (request, account) => {
      requireAdmin(account);
      accounts.remove(accountNamed(accounts, request));
      await controller.save();
      return empty(204);
    }),
  ];
}

/** An account as the API shows it: no password, no keys. */
export function accountReply(account: Account, accounts: Accounts): Record<string, unknown> {
  const { id, name, fullName, isOrg, isAdmin, isActive } = account;
  const shared = { id, name, fullName, isOrg };
  if (!isOrg) return { ...shared, isAdmin, isActive, isImported: false };
  const teams = accounts.teams(account);
  const members = new Set(teams.flatMap((team) => accounts.members(team).map((member) => member.account.id)));
  return { ...shared, membersCount: members.size, teamsCount: teams.length };
}

/** The account of the path. @throws Refused with 404 */
export function accountNamed(accounts: Accounts, request: SandboxRequest): Account {
  const name = request.params['account'] ?? '';
  const account = accounts.find(name);
  if (account === undefined) {
    throw new Refused(enziError(404, 'NO_SUCH_ACCOUNT', `An account with name or ID ${name} does not exist.`));
  }
  return account;
}

/** @throws Refused with 403 */
export function requireAdmin(account: Account): void {
  if (!account.isAdmin) throw new Refused(enziError(403, 'NOT_AUTHORIZED', 'The client is not authorized.'));
}

export function invalid(message: string): Reply {
  return enziError(400, 'INVALID_FORM', message);
}

function isWanted(account: Account, request: SandboxRequest): boolean {
  const contains = request.query.get('contains') ?? '';
  if (!account.name.includes(contains)) return false;
  switch (request.query.get('filter')) {
    case 'users':
      return !account.isOrg;
    case 'orgs':
      return account.isOrg;
    case 'admins':
      return !account.isOrg && account.isAdmin;
    case 'non-admins':
      return !account.isOrg && !account.isAdmin;
    case 'active-users':
      return !account.isOrg && account.isActive;
    case 'inactive-users':
      return !account.isOrg && !account.isActive;
    default:
      return true;
  }
}
