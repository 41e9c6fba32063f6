import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import * as v from 'valibot';
import type { StateDirectory } from '../state-directory';
import type { Key } from './documents';
import type { GoSignature } from './go-encoding';
import { keyId } from './reserialise';
import { canonicalKeyId } from './signatures';

const stateFile = 'keys.json';
const stateSchema = v.record(v.string(), v.string());

/** The keys a Notary server signs timestamps and snapshots with. ECDSA P-256, as DTR's signer makes them. */
export class ServerKeys {
  /** Private keys, PEM, by key ID. */
  private constructor(
    private readonly keys: Map<string, string>,
    private readonly directory: StateDirectory | undefined,
  ) {}

  static async open(directory: StateDirectory | undefined): Promise<ServerKeys> {
    const saved = v.parse(stateSchema, (await directory?.readJson(stateFile)) ?? {});
    return new ServerKeys(new Map(Object.entries(saved)), directory);
  }

  async create(): Promise<Key> {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const publicBytes = pair.publicKey.export({ format: 'der', type: 'spki' });
    const key: Key = { type: 'ecdsa', publicBytes, privateBytes: null };
    this.keys.set(keyId(key), String(pair.privateKey.export({ format: 'pem', type: 'pkcs8' })));
    await this.directory?.writeJson(stateFile, Object.fromEntries(this.keys));
    return key;
  }

  holds(key: Key): boolean {
    return this.keys.has(canonicalKeyId(key));
  }

  /** Undefined when the key is not held here. */
  sign(key: Key, message: Buffer): GoSignature | undefined {
    const privateKey = this.keys.get(canonicalKeyId(key));
    if (privateKey === undefined) return undefined;
    const signature = sign('sha256', message, { key: createPrivateKey(privateKey), dsaEncoding: 'ieee-p1363' });
    return { keyId: keyId(key), method: 'ecdsa', signature };
  }
}
