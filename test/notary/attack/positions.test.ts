import { DctError } from '../../../src/error';
import type { HttpRequest, HttpResponse } from '../../../src/http';
import { parseDocument, type RoleName } from '../../../src/notary/documents';
import { type FetchedRepository, fetchTrust } from '../../../src/notary/repository/fetch-trust';
import { Session } from '../../../src/notary/repository/session';
import { forge, GUN, NOW, pair, plan } from '../forge';

const alice = pair();
const sound = forge(plan({ signers: { alice: [alice] } }));
const role = 'targets/alice';

/** What a flipped bit in a file may be called; anything else is a crash or a wrong name. */
const CODES = [
  'bad_signature',
  'hash_mismatch',
  'malformed_document',
  'missing_metadata',
  'threshold_not_met',
  'version_rollback',
  'weak_root_certificate',
  'wrong_gun',
  'wrong_key_id',
  'wrong_role_type',
  'early_root_certificate',
  'expired_root_certificate',
  'expired_metadata',
  'length_mismatch',
];

const FILES: readonly [RoleName, Buffer][] = [
  ['root', Buffer.from(sound.roots[0] ?? '')],
  ['timestamp', Buffer.from(sound.timestamp)],
  ['snapshot', Buffer.from(sound.snapshot)],
  ['targets', Buffer.from(sound.targets)],
  [role, Buffer.from(sound.delegations.get(role) ?? '')],
];

/** A server that gives out these files by role, whatever hash it is asked for; of versions it knows nothing. */
function serving(changed: RoleName, bytes: Buffer): Session {
  const files = new Map<string, Buffer>([...FILES, [changed, bytes]]);
  const request = ({ path }: HttpRequest): Promise<HttpResponse> => {
    const name = path.replace(/^.*\/_trust\/tuf\//, '').replace(/(\.[0-9a-f]{64})?\.json$/, '');
    const found = files.get(name);
    const body = found ?? Buffer.from('{"errors":[{"code":"METADATA_NOT_FOUND"}]}');
    const text = (): string => body.toString();
    const json = (): unknown => JSON.parse(text());
    const about = { request: `GET ${path}`, host: 'dtr.test', headers: {} };
    return Promise.resolve({ ...about, status: found === undefined ? 404 : 200, bytes: body, text, json });
  };
  return new Session(GUN, { host: 'dtr.test', request }, undefined);
}

async function fetched(session: Session, repair: boolean): Promise<FetchedRepository | string> {
  try {
    const all = await fetchTrust(
      session,
      { gun: GUN, now: NOW },
      { actions: 'pull', cache: new Map(), repair, allowDamaged: repair },
    );
    return all ?? 'nothing';
  } catch (error) {
    return error instanceof DctError ? error.code : String(error);
  }
}

const flipped = (whole: Buffer, at: number): Buffer => {
  const bytes = Buffer.from(whole);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
  return bytes;
};

describe('when one bit of a file is flipped', () => {
  test.each(FILES)('%s is refused by a reader, at every position', async (name, whole) => {
    const message = name === 'timestamp' ? parseDocument(whole, name).message : undefined;
    expect(whole.length).toBeGreaterThan(300);
    for (let at = 0; at < whole.length; at++) {
      const bytes = flipped(whole, at);
      const answer = await fetched(serving(name, bytes), false);
      const code = typeof answer === 'string' ? answer : 'accepted';
      // nothing hashes a timestamp: it may be written otherwise as long as it says the same
      if (code === 'accepted' && message && parseDocument(bytes, 'timestamp').message.equals(message)) continue;
      if (!CODES.includes(code)) throw new Error(`bit ${at % 8} of byte ${at} of ${name}: ${code}`);
    }
  });

  test.each(FILES)('%s is nothing that a writer goes on from, at every third position', async (name, whole) => {
    const message = parseDocument(whole, name).message;
    for (let at = 0; at < whole.length; at += 3) {
      const bytes = flipped(whole, at);
      const answer = await fetched(serving(name, bytes), true);
      if (typeof answer === 'string') {
        if (!CODES.includes(answer)) throw new Error(`bit ${at % 8} of byte ${at} of ${name}: ${answer}`);
        continue;
      }
      const { trust, leftovers, broken } = answer;
      const documents = [trust.root, trust.timestamp, trust.snapshot, trust.targets];
      const believed = [...documents, ...leftovers.values(), ...broken.values()].filter((each) => each.role === name);
      const delegation = trust.delegations.get(role);
      if (name === role && delegation?.failure === undefined) throw new Error(`byte ${at} of ${name}: believed`);
      for (const each of believed) {
        if (!each.message.equals(message)) throw new Error(`bit ${at % 8} of byte ${at} of ${name} is gone on from`);
      }
    }
  });
});
