import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import type { SessionLimits } from './config-document';

interface Session {
  readonly token: string;
  readonly accountId: string;
  /** Order of use; two uses in one millisecond still have one. */
  order: number;
  expires: number;
}

const minute = 60_000;

/**
 * Login sessions under the limits of `[auth.sessions]`: a login over the user's limit ends the least recently used one,
 * and a session that is used within the renewal threshold of its end lives on for another lifetime.
 */
export class Sessions {
  private readonly sessions = new Map<string, Session>();
  private uses = 0;

  constructor(
    private readonly clock: Clock,
    private readonly limits: () => SessionLimits,
  ) {}

  /** @returns the token of the new session */
  open(accountId: string): string {
    const now = this.clock.now().getTime();
    const { lifetimeMinutes, perUserLimit } = this.limits();
    const session = {
      token: randomUUID(),
      accountId,
      order: ++this.uses,
      expires: now + lifetimeMinutes * minute,
    };
    this.sessions.set(session.token, session);
    const ofUser = [...this.sessions.values()].filter((other) => other.accountId === accountId);
    ofUser.sort((a, b) => a.order - b.order);
    // A limit of 0 is no limit.
    const surplus = perUserLimit > 0 ? ofUser.length - perUserLimit : 0;
    for (const { token } of ofUser.slice(0, Math.max(0, surplus))) this.sessions.delete(token);
    return session.token;
  }

  /** The account of a live session; counts as a use of it. */
  use(token: string): string | undefined {
    const session = this.sessions.get(token);
    if (session === undefined) return undefined;
    const now = this.clock.now().getTime();
    if (now >= session.expires) {
      this.sessions.delete(token);
      return undefined;
    }
    const { lifetimeMinutes, renewalThresholdMinutes } = this.limits();
    session.order = ++this.uses;
    if (session.expires - now <= renewalThresholdMinutes * minute) session.expires = now + lifetimeMinutes * minute;
    return session.accountId;
  }

  close(token: string): void {
    this.sessions.delete(token);
  }
}
