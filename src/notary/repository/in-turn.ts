import type { PublicKey } from '../keys';

/** By host: until when the next request for a key has to wait. */
const turns = new Map<string, Promise<void>>();
/** Hosts that are known to make keys of another kind. */
const unhurried = new Set<string>();

/**
 * Asks a server for a key of its own. A notary-server that makes its ed25519 keys itself dies of two requests at once, whatever
 * repositories they are for (tuf/signed/ed25519.go has no lock), so they take turns until a key of another kind has come: one
 * that has a signer (ECDSA, as a DTR) is asked for all of them at once.
 */
export async function inTurn(host: string, ask: () => Promise<PublicKey>): Promise<PublicKey> {
  const turn = turns.get(host);
  let done: () => void = () => undefined;
  const mine = new Promise<void>((resolve) => (done = resolve));
  turns.set(host, mine);
  await turn;
  if (unhurried.has(host)) done();
  try {
    const key = await ask();
    if (key.keyType !== 'ed25519') unhurried.add(host);
    return key;
  } finally {
    done();
    if (turns.get(host) === mine) turns.delete(host);
  }
}
