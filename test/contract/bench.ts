import { HandmadeRepository } from './repository';
import type { NotaryUnderTest } from './wire';

/** The server under test, and repositories of their own on it. */
export class ContractBench {
  private started: NotaryUnderTest | undefined;
  private made = 0;

  async open(start: () => Promise<NotaryUnderTest>): Promise<void> {
    this.started = await start();
  }

  get server(): NotaryUnderTest {
    if (this.started === undefined) throw new Error('the server under test has not started');
    return this.started;
  }

  /** A name that has no trust data. */
  fresh(): string {
    return `contract/repository${this.made++}`;
  }

  /** A repository of which nothing is published yet. */
  prepare(name = this.fresh(), clientSnapshot = false): Promise<HandmadeRepository> {
    return HandmadeRepository.prepare(this.server, name, clientSnapshot);
  }

  /** A repository with root and targets version 1. */
  create(name = this.fresh()): Promise<HandmadeRepository> {
    return HandmadeRepository.create(this.server, name);
  }

  async close(): Promise<void> {
    await this.started?.close();
  }
}
