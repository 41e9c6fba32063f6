import { type Connections, openConnections, type OpenConnections } from '../../src/http';

/**
 * Connections that outlive what they were opened for. Each command of Terraform's configures the provider anew, which as a
 * process of its own would have to connect anew, too; in one process there is no need to.
 */
export class KeptConnections {
  readonly #kept = new Map<string, Promise<Connections>>();

  readonly open: OpenConnections = async (origin, trust, timeoutMilliseconds) => {
    const key = JSON.stringify([origin, timeoutMilliseconds]);
    const kept = this.#kept.get(key) ?? openConnections(origin, trust, timeoutMilliseconds);
    this.#kept.set(key, kept);
    return { ...(await kept), close: () => Promise.resolve() };
  };

  async close(): Promise<void> {
    for (const kept of this.#kept.values()) await (await kept).close();
  }
}
