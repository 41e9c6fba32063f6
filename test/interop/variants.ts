import type { TrustStackOptions } from './stack';

/** A way to run the real notary-server, in the words of the page. */
export interface ServerVariant {
  readonly name: string;
  readonly options: TrustStackOptions;
}

export const localKeys: ServerVariant = { name: 'memory, its own ed25519 keys', options: {} };

export const remoteSigner: ServerVariant = {
  name: 'memory, notary-signer with ECDSA',
  options: { signing: 'remote' },
};

/** As a DTR has it. */
export const likeDtr: ServerVariant = {
  name: 'PostgreSQL, notary-signer with ECDSA, tokens',
  options: { signing: 'remote', storage: 'postgres', tokens: true },
};

/** With INTEROP_SERVERS=all every case runs on each of them; a usual run takes those that a case has something to do with. */
export const isEverywhere = process.env['INTEROP_SERVERS'] === 'all';

export function serversFor(...usual: readonly ServerVariant[]): readonly ServerVariant[] {
  return isEverywhere ? [localKeys, remoteSigner, likeDtr] : usual;
}
