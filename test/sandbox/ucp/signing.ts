import { createPrivateKey } from 'node:crypto';
import type { ClientBundleFiles } from '../../../src/sandbox/ucp';
import { envelope, type HandmadeKey, inDays, type Json, keyId, keyObject } from '../../contract/handmade';
import { delegations, type HandmadeRepository } from '../../contract/repository';

/** The key of a client bundle as `docker trust signer add` puts it into trust data: as its certificate. */
export function bundleKey(bundle: ClientBundleFiles): HandmadeKey {
  const object = keyObject('ecdsa-x509', Buffer.from(bundle.get('cert.pem')!).toString('base64'));
  return { id: keyId(object), object, privateKey: createPrivateKey(bundle.get('key.pem')!) };
}

/** What one role's file says: hex sha256 by tag, signed with these keys. */
export interface RoleFile {
  readonly tags: Readonly<Record<string, string>>;
  readonly keys: readonly HandmadeKey[];
  readonly expiresInDays?: number;
}

/** Publishes a repository's next version: delegations with their keys, and what each one signs. */
export async function publishSigned(
  repository: HandmadeRepository,
  version: number,
  members: Readonly<Record<string, HandmadeKey>>,
  files: Readonly<Record<string, RoleFile>>,
): Promise<void> {
  const { targets, ...signers } = files;
  const documents: Record<string, string> = {
    targets: repository.targets(version, {
      change: { delegations: delegations(members), targets: targetsOf(targets?.tags ?? {}) },
    }),
  };
  for (const [role, { tags, keys, expiresInDays }] of Object.entries(signers)) {
    documents[`targets/${role}`] = envelope(
      {
        _type: 'Targets',
        delegations: { keys: {}, roles: [] },
        expires: inDays(expiresInDays ?? 1095),
        targets: targetsOf(tags),
        version: version - 1,
      },
      keys,
    );
  }
  const reply = await repository.publish(documents);
  if (reply.status !== 200) throw new Error(`server answered ${String(reply.status)}: ${reply.body}`);
}

function targetsOf(tags: Readonly<Record<string, string>>): Json {
  return Object.fromEntries(
    Object.entries(tags).map(([tag, hex]) => [
      tag,
      { hashes: { sha256: Buffer.from(hex, 'hex').toString('base64') }, length: 400 },
    ]),
  );
}
