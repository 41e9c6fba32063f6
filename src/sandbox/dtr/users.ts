/** What somebody may do with one repository. `admin` may also delete its trust data and rotate its keys. */
export type Right = 'none' | 'read-only' | 'read-write' | 'admin';

export interface User {
  readonly password: string;
  /** Administrator of the DTR: everything. */
  readonly admin?: boolean;
  /** By repository (`admin/trustdemo`) or, with a last `/*`, by namespace. */
  readonly rights?: Readonly<Record<string, Right>>;
}

const actionsOf: Readonly<Record<Right, readonly string[]>> = {
  none: [],
  'read-only': ['pull'],
  'read-write': ['pull', 'push'],
  admin: ['pull', 'push', 'delete', '*'],
};

/** Who may do what in a sandbox DTR. Passwords are made up and shown to everybody. */
export class Users {
  constructor(private readonly users: Readonly<Record<string, User>>) {}

  /** Whether these are somebody's name and password. */
  knows(name: string, password: string): boolean {
    return Object.hasOwn(this.users, name) && this.users[name]?.password === password;
  }

  isAdmin(name: string): boolean {
    return this.find(name)?.admin === true;
  }

  /** Registry and Notary actions allowed on a repository; an unknown or absent user has none. */
  actions(name: string | undefined, repository: string): readonly string[] {
    const user = name === undefined ? undefined : this.find(name);
    if (user?.admin === true) return actionsOf.admin;
    const namespace = `${repository.slice(0, repository.indexOf('/'))}/*`;
    return actionsOf[user?.rights?.[repository] ?? user?.rights?.[namespace] ?? 'none'];
  }

  private find(name: string): User | undefined {
    return Object.hasOwn(this.users, name) ? this.users[name] : undefined;
  }
}
