import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { canonicalKeyId, derHash, publicKeyOf } from './key-id';
import type { People, SigningUser, TeamName } from './signing-policy';

const publicKeySchema = v.object({
  id: v.string(),
  publicKey: v.string(),
  label: v.string(),
  certificates: v.array(v.object({ label: v.string(), cert: v.string() })),
});

const accountSchema = v.object({
  id: v.string(),
  name: v.string(),
  fullName: v.string(),
  isOrg: v.boolean(),
  isAdmin: v.boolean(),
  isActive: v.boolean(),
  /** Empty for organisations. In the clear: the sandbox prints it anyway. */
  password: v.string(),
  publicKeys: v.array(publicKeySchema),
});

const teamSchema = v.object({
  id: v.string(),
  orgID: v.string(),
  name: v.string(),
  description: v.string(),
  members: v.array(v.object({ accountID: v.string(), isAdmin: v.boolean() })),
});

/** What is kept of a cluster's accounts between runs. */
export const accountsSchema = v.object({ accounts: v.array(accountSchema), teams: v.array(teamSchema) });
export type AccountsState = v.InferOutput<typeof accountsSchema>;

/** A user, or an organisation that has teams. */
export type Account = v.InferOutput<typeof accountSchema>;
export type Team = v.InferOutput<typeof teamSchema>;
export type PublicKeyEntry = v.InferOutput<typeof publicKeySchema>;

export interface NewAccount {
  readonly name: string;
  readonly fullName?: string | undefined;
  readonly isOrg?: boolean | undefined;
  readonly isAdmin?: boolean | undefined;
  /** @default true */
  readonly isActive?: boolean | undefined;
  readonly password?: string;
}

/** The users, organisations, teams and public keys of one UCP (eNZi). Names and IDs are both accepted wherever one stands. */
export class Accounts implements People {
  constructor(readonly state: AccountsState = { accounts: [], teams: [] }) {}

  /** All accounts by name. */
  list(): Account[] {
    return [...this.state.accounts].sort((a, b) => compare(a.name, b.name));
  }

  find(nameOrId: string): Account | undefined {
    return this.state.accounts.find(({ id, name }) => id === nameOrId || name === nameOrId);
  }

  add(wanted: NewAccount): Account {
    const account: Account = {
      id: randomUUID(),
      name: wanted.name,
      fullName: wanted.fullName ?? '',
      isOrg: wanted.isOrg ?? false,
      isAdmin: wanted.isAdmin ?? false,
      isActive: wanted.isActive ?? true,
      password: wanted.password ?? '',
      publicKeys: [],
    };
    this.state.accounts.push(account);
    return account;
  }

  /** Removes an account, its teams and its memberships. */
  remove({ id }: Account): void {
    drop(this.state.accounts, (account) => account.id === id);
    drop(this.state.teams, (team) => team.orgID === id);
    for (const team of this.state.teams) this.removeMember(team, id);
  }

  /** The user with this password, if it may log in. */
  withPassword(name: string, password: string): Account | undefined {
    const account = this.state.accounts.find((candidate) => candidate.name === name && !candidate.isOrg);
    return account?.isActive && account.password !== '' && account.password === password ? account : undefined;
  }

  /** Teams of an organisation by name. */
  teams(organisation: Account): Team[] {
    return this.state.teams.filter(({ orgID }) => orgID === organisation.id).sort((a, b) => compare(a.name, b.name));
  }

  team(organisation: Account, nameOrId: string): Team | undefined {
    return this.teams(organisation).find(({ id, name }) => id === nameOrId || name === nameOrId);
  }

  addTeam(organisation: Account, name: string, description = ''): Team {
    const team: Team = { id: randomUUID(), orgID: organisation.id, name, description, members: [] };
    this.state.teams.push(team);
    return team;
  }

  removeTeam({ id }: Team): void {
    drop(this.state.teams, (team) => team.id === id);
  }

  /** Members of a team, sorted by account ID as eNZi sorts them. */
  members(team: Team): { account: Account; isAdmin: boolean }[] {
    return team.members
      .flatMap(({ accountID, isAdmin }) => {
        const account = this.find(accountID);
        return account === undefined ? [] : [{ account, isAdmin }];
      })
      .sort((a, b) => compare(a.account.id, b.account.id));
  }

  setMember(team: Team, { id }: Account, isAdmin = false): void {
    this.removeMember(team, id);
    team.members.push({ accountID: id, isAdmin });
  }

  removeMember(team: Team, accountID: string): void {
    drop(team.members, (member) => member.accountID === accountID);
  }

  /** Adds a public key, or relabels it when the account has it already. @returns undefined for a PEM that is no key */
  addPublicKey(
    account: Account,
    pem: string,
    label: string,
    certificates: PublicKeyEntry['certificates'] = [],
  ): PublicKeyEntry | undefined {
    const key = publicKeyOf(pem);
    if (key === undefined) return undefined;
    const entry: PublicKeyEntry = { id: derHash(key), publicKey: pem, label, certificates };
    drop(account.publicKeys, ({ id }) => id === entry.id);
    account.publicKeys.push(entry);
    return entry;
  }

  usersWithKey(keyId: string): SigningUser[] {
    return this.state.accounts
      .filter((account) => account.isActive && !account.isOrg)
      .filter(({ publicKeys }) => publicKeys.some(({ publicKey }) => canonicalIdOf(publicKey) === keyId))
      .map((account) => ({
        id: account.id,
        name: account.name,
        teams: this.teamsOf(account).map((team) => this.nameOf(team)),
      }));
  }

  /** All teams an account is a member of. */
  teamsOf({ id }: Account): Team[] {
    return this.state.teams.filter(({ members }) => members.some(({ accountID }) => accountID === id));
  }

  private nameOf(team: Team): TeamName {
    return { organisation: this.find(team.orgID)?.name ?? '', name: team.name, id: team.id };
  }
}

function canonicalIdOf(pem: string): string | undefined {
  const key = publicKeyOf(pem);
  return key === undefined ? undefined : canonicalKeyId(key);
}

function drop<T>(list: T[], unwanted: (item: T) => boolean): void {
  for (let index = list.length - 1; index >= 0; index -= 1) {
    const item = list[index];
    if (item !== undefined && unwanted(item)) list.splice(index, 1);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
