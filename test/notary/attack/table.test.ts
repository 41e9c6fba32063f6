import type { ServerResponse } from 'node:http';
import type { RoleName } from '../../../src/notary/documents';
import { forge, pair, plan } from '../forge';
import { type Answer, HostileServer } from './hostile-server';

let server: HostileServer;
beforeAll(async () => {
  server = await HostileServer.start();
});
afterAll(() => server.close());

const [alice, bob] = [pair(), pair()];
const base = plan({ signers: { alice: [alice], releases: [alice, bob] } });
const sound = forge(base);
const old = forge({ ...base, version: base.version - 1 });
const image = { sha256: '1'.repeat(64), length: 100 };
const keys = [alice.secret, bob.secret, ...base.targets.map(({ secret }) => secret)];

const DELEGATIONS = ['targets/alice', 'targets/releases'] as const;
const ROLES: readonly RoleName[] = ['root', 'timestamp', 'snapshot', 'targets', ...DELEGATIONS];

function fileOf(role: RoleName, of = sound): Buffer {
  const bytes = { root: of.roots[0], timestamp: of.timestamp, snapshot: of.snapshot, targets: of.targets }[
    role as 'root'
  ];
  return Buffer.from(bytes ?? of.delegations.get(role) ?? '');
}

let sent = 0;
const MEGABYTE = Buffer.alloc(1024 * 1024, ' ');
const endless = (response: ServerResponse): void => {
  const more = (): void => {
    while (!response.destroyed && sent < 1000 && response.write(MEGABYTE)) sent++;
  };
  response.on('drain', more);
  more();
};

/** The file that another role has in this one’s place. */
const OTHER: Readonly<Partial<Record<RoleName, RoleName>>> = {
  root: 'targets',
  timestamp: 'snapshot',
  snapshot: 'timestamp',
  targets: 'targets/alice',
  'targets/alice': 'targets/releases',
  'targets/releases': 'targets/alice',
};

const ATTACKS: readonly [what: string, attack: (role: RoleName) => void][] = [
  ['a bit is flipped', (role) => server.serve(sound, { [role]: flipped(fileOf(role)) })],
  ['is not there', (role) => server.serve(sound, { [role]: undefined })],
  ['is that of another role', (role) => server.serve(sound, { [role]: fileOf(OTHER[role] ?? 'root') })],
  ['is an old one', (role) => server.serve(sound, { [role]: fileOf(role, old) })],
  ['is a new one among old ones', (role) => server.serve(old, { [role]: fileOf(role) })],
  ['has no end', (role) => server.serve(sound, { [role]: endless as Answer })],
];

/** How such a thing may be called. */
const CODES = [
  'bad_signature',
  'expired_metadata',
  'early_root_certificate',
  'expired_root_certificate',
  'hash_mismatch',
  'length_mismatch',
  'malformed_document',
  'missing_metadata',
  'missing_root',
  'threshold_not_met',
  'too_large',
  'version_rollback',
  'weak_root_certificate',
  'withheld_metadata',
  'wrong_gun',
  'wrong_key_id',
  'wrong_role_type',
];

describe.each(ATTACKS)('when a file %s', (_, attack) => {
  test.each(ROLES)('%s: a reader takes nothing from it', async (role) => {
    sent = 0;
    attack(role);
    const read = await server.with((repository) =>
      repository.read().catch((error: unknown) => error as { code: string }),
    );
    // docker, too, goes on without a delegation’s file that cannot be had
    if (read === undefined || 'code' in read) expect(CODES).toContain(read?.code);
    else {
      expect(DELEGATIONS).toContain(role);
      expect(read.trust.delegations.get(role as 'targets/alice')?.failure?.code).toBe('missing_metadata');
      expect(read.signature('v1', 'alice')?.isReleased ?? false).toBe(false);
    }
    expect(sent).toBeLessThan(20);
  });

  test.each(ROLES)('%s: a writer makes nothing of it', async (role) => {
    sent = 0;
    attack(role);
    const change = server.with(
      (repository) =>
        repository.change(async (draft) => {
          await draft.heal();
          await draft.signTag('alice', 'v9', image);
        }),
      { keys },
    );
    const { code } = await change.then(
      () => ({ code: 'published' }),
      (error: unknown) => error as { code: string },
    );
    expect(CODES).toContain(code);
    expect(server.publishes).toBe(0);
    expect(sent).toBeLessThan(60);
  });
});

test('a reply to a publish that has no end is given up', async () => {
  sent = 0;
  server.serve(sound, { '': endless });
  const change = server.with((repository) => repository.change((draft) => draft.signTag('alice', 'v9', image)), {
    keys,
  });
  await expect(change).rejects.toMatchObject({ code: 'too_large' });
  expect([server.publishes, sent < 20]).toEqual([1, true]);
});

function flipped(bytes: Buffer): Buffer {
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}
