import { dockerPassphrases, type KeyInfo, type KeysAtHand, type PrivateKey, TrustStore } from '../../notary';
import type { Terminal } from '../terminal';

const attempts = 3;

/**
 * The keys of a trust store. One whose passphrase is not in docker's variables is asked for on a terminal, as docker does;
 * what opened one key is tried on the next.
 */
export class AskingKeys implements KeysAtHand {
  readonly store: TrustStore;
  private readonly given = new Map<string, string>();
  private readonly refused = new Set<string>();
  /** One question at a time. */
  private asking: Promise<unknown> = Promise.resolve();
  /** Ctrl-C at one question answers all that would follow. */
  private interruption: Error | undefined;

  constructor(
    directory: string,
    private readonly terminal: Terminal,
  ) {
    const docker = dockerPassphrases(terminal.environment);
    this.store = new TrustStore({ directory, passphrase: (key) => this.given.get(key.id) ?? docker(key) });
  }

  async find(canonicalId: string): Promise<PrivateKey | undefined> {
    const found = await this.store.find(canonicalId);
    if (found !== undefined) return found;
    const asked = this.asking.then(() => this.ask(canonicalId));
    this.asking = asked.catch(() => undefined);
    return asked;
  }

  whyNot(canonicalId: string): ReturnType<TrustStore['whyNot']> {
    return this.store.whyNot(canonicalId);
  }

  private async ask(id: string): Promise<PrivateKey | undefined> {
    const key = (await this.store.list()).find((each) => each.id === id);
    if (key === undefined || !key.isEncrypted || this.refused.has(id)) return undefined;
    for (const passphrase of new Set(this.given.values())) {
      const found = await this.open(key, passphrase);
      if (found !== undefined) return found;
    }
    for (let attempt = 0; attempt < attempts; attempt++) {
      this.terminal.progress('');
      const role = key.role === '' ? '' : `${key.role} `;
      const answer = await this.askFor(`Enter passphrase for ${role}key with ID ${id.slice(0, 7)}: `);
      if (answer === undefined || answer === '') break;
      const found = await this.open(key, answer);
      if (found !== undefined) return found;
      this.terminal.complain('Passphrase incorrect. Please retry.\n');
    }
    this.refused.add(id);
    return undefined;
  }

  private async askFor(question: string): Promise<string | undefined> {
    if (this.interruption !== undefined) throw this.interruption;
    try {
      return await this.terminal.askSecret(question);
    } catch (error) {
      this.interruption = error instanceof Error ? error : new Error(String(error));
      throw this.interruption;
    }
  }

  private async open({ id }: KeyInfo, passphrase: string): Promise<PrivateKey | undefined> {
    this.given.set(id, passphrase);
    const found = await this.store.find(id);
    if (found === undefined) this.given.delete(id);
    return found;
  }
}
