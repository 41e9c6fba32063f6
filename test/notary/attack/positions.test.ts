import { DctError } from '../../../src/error';
import { parseDocument } from '../../../src/notary/documents';
import { type FetchedTrust, verifyChain } from '../../../src/notary/verification';
import { forge, GUN, NOW, pair, plan } from '../forge';

const alice = pair();
const sound = forge(plan({ signers: { alice: [alice] } }));
const role = 'targets/alice';

/** What a flipped bit in a file may be called; anything else is a crash or a wrong name. */
const CODES = [
  'bad_signature',
  'hash_mismatch',
  'malformed_document',
  'threshold_not_met',
  'version_rollback',
  'weak_root_certificate',
  'wrong_gun',
  'wrong_key_id',
  'wrong_role_type',
  'expired_root_certificate',
  'expired_metadata',
  'length_mismatch',
];

const FILES: Record<string, [bytes: Uint8Array, put: (bytes: Buffer) => FetchedTrust]> = {
  root: [sound.roots[0] ?? new Uint8Array(), (bytes) => ({ ...sound, roots: [bytes] })],
  timestamp: [sound.timestamp, (timestamp) => ({ ...sound, timestamp })],
  snapshot: [sound.snapshot, (snapshot) => ({ ...sound, snapshot })],
  targets: [sound.targets, (targets) => ({ ...sound, targets })],
  [role]: [
    sound.delegations.get(role) ?? new Uint8Array(),
    (bytes) => ({ ...sound, delegations: new Map([[role, bytes]]) }),
  ],
};

describe('when one bit of a file is flipped', () => {
  test.each(Object.entries(FILES))('%s is refused, at every position', (name, [bytes, put]) => {
    const whole = Buffer.from(bytes);
    const message = name === 'timestamp' ? parseDocument(whole, 'timestamp').message : undefined;
    expect(whole.length).toBeGreaterThan(300);
    for (let at = 0; at < whole.length; at++) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      let code = 'accepted';
      try {
        verifyChain(put(flipped), { gun: GUN, now: NOW });
        // nothing hashes a timestamp: it may be written otherwise as long as it says the same
        if (message && parseDocument(flipped, 'timestamp').message.equals(message)) continue;
      } catch (error) {
        code = error instanceof DctError ? error.code : String(error);
      }
      if (!CODES.includes(code)) throw new Error(`bit ${at % 8} of byte ${at} of ${name}: ${code}`);
    }
  });
});
