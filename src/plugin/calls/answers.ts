import type { Log, ProviderDefinition } from '../definition';
import { ProviderServer, Session } from './server';
import { type Call, providerCalls } from './table';

/** A provider ready to answer. It is all the transport knows of it, so that it can be loaded after the handshake. */
export interface ProviderAnswers {
  /** By gRPC path; the others are unimplemented. */
  readonly calls: ReadonlyMap<string, Call>;
  newSession(): Session;
  /** Tells the provider that a connection it configured is not needed any more. */
  disconnect(session: Session): Promise<void>;
}

export function providerAnswers(definition: ProviderDefinition, log: Log): ProviderAnswers {
  return {
    calls: providerCalls(new ProviderServer(definition, log)),
    newSession: () => new Session(),
    async disconnect(session) {
      const { configured } = session;
      if (configured === undefined) return;
      session.configured = undefined;
      try {
        await definition.disconnect?.(configured.connection);
      } catch (error) {
        log.warn(`disconnect: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  };
}
