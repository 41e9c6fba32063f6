import { readFile } from 'node:fs/promises';
import { DctError, systemCode } from '../../error';
import { PrivateKey } from '../../notary';
import type { TopologySigner } from './topology-file';

/** A signer's private key that a topology names by path. */
export interface SigningKey {
  readonly signer: TopologySigner;
  readonly file: string;
  /** Undefined where it cannot be used: `problem` says why. */
  readonly key: PrivateKey | undefined;
  readonly problem: string | undefined;
}

/** Reads the private keys that a topology names. A file that is not there, or encrypted, is a problem of that key only. */
export async function readSigningKeys(signers: readonly TopologySigner[]): Promise<SigningKey[]> {
  const named = signers.flatMap((signer) =>
    signer.privateKeyPath === undefined ? [] : [{ signer, file: signer.privateKeyPath }],
  );
  return Promise.all(named.map(async ({ signer, file }) => ({ signer, file, ...(await read(file)) })));
}

async function read(file: string): Promise<Pick<SigningKey, 'key' | 'problem'>> {
  try {
    return { key: PrivateKey.fromPem(await readFile(file, 'latin1'), { label: file }), problem: undefined };
  } catch (error) {
    if (error instanceof DctError) return { key: undefined, problem: error.message };
    return { key: undefined, problem: `cannot read ${file} (${systemCode(error) ?? String(error)})` };
  }
}
