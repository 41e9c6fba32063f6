/** One request an endpoint has answered. Never holds a secret: no headers, no bodies, and no passwords of the query. */
export interface RequestLogEntry {
  readonly time: string;
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  /** What was answered; 0 when the connection was dropped before there was an answer. */
  readonly status: number;
  readonly user?: string;
  readonly bodyBytes: number;
  /** The fault that was played on it. */
  readonly fault?: string;
}

const secretParameters = /([?&](?:password|token|access_token|refresh_token|secret)=)[^&]*/gi;

export class RequestLog {
  private readonly entries: RequestLogEntry[] = [];

  add(entry: RequestLogEntry): void {
    this.entries.push({ ...entry, path: entry.path.replace(secretParameters, '$1…') });
  }

  list(): readonly RequestLogEntry[] {
    return [...this.entries];
  }

  clear(): void {
    this.entries.length = 0;
  }
}
