import * as v from 'valibot';
import { empty, json, type Route, type SandboxRequest } from '../route';
import { accountNamed, accountReply, invalid, requireAdmin } from './account-routes';
import type { Account, Accounts, Team } from './accounts';
import type { Controller } from './controller';
import { pageOf } from './paging';
import { bodyOf, enziError, enziRoute, Refused } from './replies';

const newTeamSchema = v.object({
  name: v.pipe(v.string(), v.minLength(1)),
  description: v.optional(v.string(), ''),
});
const teamChangeSchema = v.object({ name: v.optional(v.string()), description: v.optional(v.string()) });
const memberSchema = v.optional(v.object({ isAdmin: v.optional(v.boolean(), false) }), {});

/** Teams of an organisation and their members (UCP API: `accounts/{org}/teams`). */
export function teamRoutes(controller: Controller): Route[] {
  const { accounts } = controller;
  const teams = '/accounts/:account/teams';
  return [
    enziRoute(controller, 'GET', teams, (request) => {
      const all = accounts.teams(organisationOf(accounts, request));
      const page = pageOf(all, request, ({ name }) => name);
      return json({
        teams: page.items.map((team) => teamReply(team)),
        resourceCount: all.length,
        nextPageStart: page.nextPageStart,
      });
    }),
    enziRoute(controller, 'POST', teams, async (request, account) => {
      requireAdmin(account);
      const organisation = organisationOf(accounts, request);
      const { name, description } = bodyOf(request, newTeamSchema, invalid);
      if (accounts.team(organisation, name) !== undefined) {
        return enziError(409, 'TEAM_EXISTS', `A team named ${name} already exists.`);
      }
      const team = accounts.addTeam(organisation, name, description);
      await controller.save();
      return json(teamReply(team), 201);
    }),
    enziRoute(controller, 'GET', `${teams}/:team`, (request) => json(teamReply(teamOf(accounts, request)))),
    enziRoute(controller, 'PATCH', `${teams}/:team`, async (request, account) => {
      requireAdmin(account);
      const team = teamOf(accounts, request);
      const change = bodyOf(request, teamChangeSchema, invalid);
      team.name = change.name ?? team.name;
      team.description = change.description ?? team.description;
      await controller.save();
      return json(teamReply(team));
    }),
    enziRoute(controller, 'DELETE', `${teams}/:team`, async (request, account) => {
      requireAdmin(account);
      accounts.removeTeam(teamOf(accounts, request));
      await controller.save();
      return empty(204);
    }),
    enziRoute(controller, 'GET', `${teams}/:team/members`, (request) => {
      const all = accounts.members(teamOf(accounts, request));
      const page = pageOf(all, request, (member) => member.account.id);
      return json({
        members: page.items.map(({ account, isAdmin }) => ({ member: accountReply(account, accounts), isAdmin })),
        resourceCount: all.length,
        nextPageStart: page.nextPageStart,
      });
    }),
    enziRoute(controller, 'GET', `${teams}/:team/members/:user`, (request) => {
      const user = userOf(accounts, request);
      const member = accounts.members(teamOf(accounts, request)).find(({ account }) => account.id === user.id);
      if (member === undefined) return enziError(404, 'NO_SUCH_MEMBER', `${user.name} is not a member of the team.`);
      return json({ member: accountReply(user, accounts), isAdmin: member.isAdmin });
    }),
    enziRoute(controller, 'PUT', `${teams}/:team/members/:user`, async (request, account) => {
      requireAdmin(account);
      const user = userOf(accounts, request);
      const { isAdmin } = bodyOf(request, memberSchema, invalid);
      accounts.setMember(teamOf(accounts, request), user, isAdmin);
      await controller.save();
      return json({ member: accountReply(user, accounts), isAdmin });
    }),
    enziRoute(controller, 'DELETE', `${teams}/:team/members/:user`, async (request, account) => {
      requireAdmin(account);
      accounts.removeMember(teamOf(accounts, request), userOf(accounts, request).id);
      await controller.save();
      return empty(204);
    }),
    enziRoute(controller, 'GET', '/accounts/:account/members/:user/teams', (request) => {
      const organisation = organisationOf(accounts, request);
      const user = userOf(accounts, request);
      const all = accounts.teams(organisation).filter((team) => accounts.teamsOf(user).includes(team));
      const page = pageOf(all, request, ({ name }) => name);
      return json({
        memberTeams: page.items.map((team) => ({ team: teamReply(team), isAdmin: isAdminOf(team, user) })),
        resourceCount: all.length,
        nextPageStart: page.nextPageStart,
      });
    }),
  ];
}

function teamReply({ id, orgID, name, description, members }: Team): Record<string, unknown> {
  return { orgID, name, id, description, membersCount: members.length };
}

function isAdminOf(team: Team, user: Account): boolean {
  return team.members.some(({ accountID, isAdmin }) => accountID === user.id && isAdmin);
}

function organisationOf(accounts: Accounts, request: SandboxRequest): Account {
  const account = accountNamed(accounts, request);
  if (account.isOrg) return account;
  throw new Refused(enziError(404, 'NO_SUCH_ORGANIZATION', `${account.name} is not an organization.`));
}

function teamOf(accounts: Accounts, request: SandboxRequest): Team {
  const name = request.params['team'] ?? '';
  const team = accounts.team(organisationOf(accounts, request), name);
  if (team !== undefined) return team;
  throw new Refused(enziError(404, 'NO_SUCH_TEAM', `A team with name or ID ${name} does not exist.`));
}

function userOf(accounts: Accounts, request: SandboxRequest): Account {
  const name = request.params['user'] ?? '';
  const account = accounts.find(name);
  if (account !== undefined && !account.isOrg) return account;
  throw new Refused(enziError(404, 'NO_SUCH_ACCOUNT', `A user with name or ID ${name} does not exist.`));
}
