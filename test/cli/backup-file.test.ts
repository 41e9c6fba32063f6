import { type Backup, openBackup, sealBackup } from '../../src/cli/keys/backup-file';

const passphrase = 'a passphrase – with a dash';
const backup: Backup = {
  made: '2026-11-24T00:00:00.000Z',
  keys: [{ id: 'ab'.repeat(32), role: 'root', pem: 'the text of a key file' }],
};

/** What is tried here does not hang on how much a guess costs. */
const cheap = { N: 2 ** 10, r: 8, p: 1 };

let text: string;
let sealed: { header: string; ciphertext: string; tag: string };

beforeAll(async () => {
  text = await sealBackup(backup, passphrase, cheap);
  sealed = JSON.parse(text) as typeof sealed;
});

const code = (of: string, phrase = passphrase): Promise<unknown> =>
  openBackup(of, phrase, 'the file').then(
    () => 'opened',
    (error: unknown) => (error as { code?: string }).code ?? error,
  );

test('what was sealed is opened', async () => {
  expect(await openBackup(text, passphrase, 'the file')).toEqual(backup);
  // Typed on another keyboard, the same letters may come as other code points.
  const umlaut = await sealBackup(backup, 'Schlüssel'.normalize('NFC'), cheap);
  expect(await openBackup(umlaut, 'Schlüssel'.normalize('NFD'), 'the file')).toEqual(backup);
});

test('a guess costs 128 MiB unless told otherwise', async () => {
  const { header } = JSON.parse(await sealBackup(backup, passphrase)) as typeof sealed;
  expect(header).toContain('"N":131072,"r":8,"p":1');
});

test('every seal has a salt and a nonce of its own', async () => {
  const { header, ciphertext } = JSON.parse(await sealBackup(backup, passphrase, cheap)) as typeof sealed;
  expect([header === sealed.header, ciphertext === sealed.ciphertext]).toEqual([false, false]);
});

/** The text with one base64 digit at this place another one. */
function flipped(base64: string, at: number): string {
  return base64.slice(0, at) + (base64[at] === 'A' ? 'B' : 'A') + base64.slice(at + 1);
}

describe('when the file is not what was sealed', () => {
  test('a wrong passphrase is refused', async () => {
    expect(await code(text, 'another passphrase')).toBe('backup_not_opened');
  });

  test.each<[string, (of: typeof sealed) => typeof sealed]>([
    ['ciphertext', (of) => ({ ...of, ciphertext: flipped(of.ciphertext, 20) })],
    ['shorter ciphertext', (of) => ({ ...of, ciphertext: of.ciphertext.slice(0, 40) })],
    ['tag', (of) => ({ ...of, tag: flipped(of.tag, 3) })],
    ['shorter tag', (of) => ({ ...of, tag: Buffer.from(of.tag, 'base64').subarray(0, 4).toString('base64') })],
    ['salt', (of) => ({ ...of, header: of.header.replace(/"salt":"./, '"salt":"_').replace('_', 'A') })],
    ['work factor', (of) => ({ ...of, header: of.header.replace('1024', '2048') })],
    ['space in the header', (of) => ({ ...of, header: of.header.replace('"kdf":', '"kdf": ') })],
  ])('a changed %s is refused', async (_, change) => {
    const changed = change(sealed);
    // A salt may begin with the letter it is changed to.
    if (JSON.stringify(changed) === JSON.stringify(sealed)) return;
    expect(await code(JSON.stringify(changed))).toBe('backup_not_opened');
  });

  test('every part of it, and other files, are refused before anything is computed', async () => {
    const parts = Array.from({ length: text.length - 3 }, (_, length) => text.slice(0, length));
    const others = ['[]', 'null', '{}', JSON.stringify({ ...sealed, more: 1 })];
    const greedy = sealed.header.replace('1024', String(2 ** 30));
    others.push(JSON.stringify({ ...sealed, header: greedy }), JSON.stringify({ ...sealed, header: '{}' }));
    others.push(JSON.stringify({ ...sealed, header: sealed.header.replace('aes-256-gcm', 'none') }));
    expect(new Set(await Promise.all([...parts, ...others].map((part) => code(part))))).toEqual(
      new Set(['not_a_backup']),
    );
  });
});
