import { createPrivateKey } from 'node:crypto';
import { PrivateKey, decodeKeyFile, encodeKeyFile } from '../../../src/notary/keys';
import { failing } from '../failing';

const GUN = 'dtr.local/admin/demo';
const key = PrivateKey.generate();
const write = (role: string, gun?: string) =>
  encodeKeyFile(key, { role, passphrase: 'pass wörd', ...(gun === undefined ? {} : { gun }) });

describe('when a key file is written', () => {
  it.each([
    ['root', 'role: root\n\n'],
    ['alice', 'role: alice\n\n'],
    ['targets', `gun: ${GUN}\nrole: targets\n\n`],
    ['snapshot', `gun: ${GUN}\nrole: snapshot\n\n`],
  ])("has docker's headers for %s", (role, headers) => {
    expect(write(role, GUN)).toMatch(
      new RegExp(`^-----BEGIN ENCRYPTED PRIVATE KEY-----\n${headers.replaceAll('.', '\\.')}[A-Za-z0-9+/]{64}\n`),
    );
  });

  it('is opened by its passphrase only', () => {
    const file = decodeKeyFile(write('targets', GUN), 'x.key');
    expect(file).toMatchObject({ role: 'targets', gun: GUN, path: undefined, isEncrypted: true });
    expect(file.decrypt('pass wörd').canonicalId).toBe(key.canonicalId);
    expect(failing(() => file.decrypt('pass word'))?.code).toBe('wrong_passphrase');
    expect(failing(() => file.decrypt())?.code).toBe('passphrase_missing');
  });

  it('is PKCS#8 that OpenSSL opens, another one each time', () => {
    const [one, two] = [write('root'), write('root')];
    expect(one).not.toBe(two);
    const pem = one.replace(/role: root\n\n/, '');
    expect(createPrivateKey({ key: pem, passphrase: 'pass wörd' }).export({ type: 'pkcs8', format: 'der' })).toEqual(
      key.exportPkcs8(),
    );
  });

  it('is never unencrypted', () => {
    expect(failing(() => encodeKeyFile(key, { role: 'root', passphrase: '' }))?.code).toBe('passphrase_missing');
  });

  it('is never ed25519, which docker would not read', () => {
    const server = PrivateKey.generate('ed25519');
    expect(failing(() => encodeKeyFile(server, { role: 'root', passphrase: 'p' }))?.code).toBe('unsupported_key');
  });
});

describe('when a key file is read', () => {
  const bare = createPrivateKey({ key: key.exportPkcs8(), format: 'der', type: 'pkcs8' });
  const plain = bare.export({ type: 'pkcs8', format: 'pem' }) as string;
  const sec1 = bare.export({ type: 'sec1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'old' }) as string;

  it('takes an unencrypted one', () => {
    const file = decodeKeyFile(plain.replace('-----\n', '-----\nrole: alice\n\n'), 'x.key');
    expect(file).toMatchObject({ role: 'alice', isEncrypted: false });
    expect(file.decrypt().canonicalId).toBe(key.canonicalId);
  });

  it('takes the old format with its headers', () => {
    const text = sec1.replace('Proc-Type', `path: ${GUN}/abc\nrole: targets\nProc-Type`);
    const file = decodeKeyFile(text, 'x.key');
    expect(file).toMatchObject({ role: 'targets', path: `${GUN}/abc`, isEncrypted: true });
    expect(file.decrypt('old').canonicalId).toBe(key.canonicalId);
  });

  it('refuses what is no private key', () => {
    expect(failing(() => decodeKeyFile('x', 'x.key'))?.code).toBe('malformed_pem');
    const pub = key.publicKey.toPem()!;
    expect(failing(() => decodeKeyFile(pub, 'x.key'))?.code).toBe('unsupported_key');
  });
});
