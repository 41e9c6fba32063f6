import { type KeyExportOptions, type KeyObject, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { PrivateKey, PublicKey } from '../../../src/notary/keys';
import { failing, wordsOf } from '../failing';

const MESSAGE = Buffer.from('{"_type":"Targets"}');
const kinds = {
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'P-521': generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  'RSA 2048': generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'RSA 3072': generateKeyPairSync('rsa', { modulusLength: 3072 }),
};
const pem = (key: KeyObject, options: Omit<KeyExportOptions<'pem'>, 'format'>) =>
  key.export({ format: 'pem', ...options }).toString();
const open = (text: string, passphrase?: string) =>
  PrivateKey.fromPem(text, { label: 'signing_keys["ci"]', ...(passphrase === undefined ? {} : { passphrase }) });

test('an RSA signature whose first byte is zero does not verify without it: OpenSSL would take it, docker does not', () => {
  const key = open(pem(kinds['RSA 2048'].privateKey, { type: 'pkcs8' }));
  let signature = key.sign(MESSAGE);
  while (Buffer.from(signature.sig, 'base64')[0] !== 0) signature = key.sign(MESSAGE);
  const shorter = Buffer.from(signature.sig, 'base64').subarray(1).toString('base64');
  expect(key.publicKey.verify(MESSAGE, signature)).toBe(true);
  expect(key.publicKey.verify(MESSAGE, { ...signature, sig: shorter })).toBe(false);
});

describe.each(Object.entries(kinds))('when a key is %s', (name, { privateKey, publicKey }) => {
  const key = open(pem(privateKey, { type: 'pkcs8' }));

  it('has the ID of its public key', () => {
    const text = publicKey.export({ type: 'spki', format: 'pem' }) as string;
    expect(key.canonicalId).toBe(PublicKey.fromPem(text, { label: 'x' }).canonicalId);
  });

  it('signs what its public key verifies, and only that', () => {
    const signature = key.sign(MESSAGE);
    expect(signature.method).toBe(name.startsWith('RSA') ? 'rsapss' : 'ecdsa');
    expect(key.publicKey.verify(MESSAGE, signature)).toBe(true);
    expect(key.publicKey.verify(Buffer.from('other'), signature)).toBe(false);
    for (const method of ['ecdsa', 'rsapss', 'eddsa', 'rsapkcs1v15', 'pycrypto-pkcs#1 pss', ''].filter(
      (m) => m !== signature.method,
    )) {
      expect(key.publicKey.verify(MESSAGE, { ...signature, method })).toBe(false);
    }
    const bytes = Buffer.from(signature.sig, 'base64');
    for (const changed of [
      bytes.subarray(1),
      Buffer.concat([bytes, Buffer.from([0])]),
      Buffer.alloc(bytes.length),
      Buffer.alloc(0),
    ]) {
      expect(key.publicKey.verify(MESSAGE, { ...signature, sig: changed.toString('base64') })).toBe(false);
    }
  });

  it.each<[string, Omit<KeyExportOptions<'pem'>, 'format'>, string | undefined]>([
    ['PKCS#8', { type: 'pkcs8' }, undefined],
    ['PKCS#1 or SEC1', { type: name.startsWith('RSA') ? 'pkcs1' : 'sec1' }, undefined],
    ['encrypted PKCS#8', { type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'pass word' }, 'pass word'],
    [
      'the old encryption',
      { type: name.startsWith('RSA') ? 'pkcs1' : 'sec1', cipher: 'aes-128-cbc', passphrase: 'pass word' },
      'pass word',
    ],
  ])('is read from %s', (_, options, passphrase) => {
    const text = pem(privateKey, options);
    expect(open(text, passphrase).canonicalId).toBe(key.canonicalId);
    expect(open(text.replaceAll('\n', '\r\n'), passphrase).canonicalId).toBe(key.canonicalId);
    if (passphrase === undefined) return;
    expect(failing(() => open(text))?.code).toBe('passphrase_missing');
    expect(failing(() => open(text, ''))?.code).toBe('passphrase_missing');
    const wrong = failing(() => open(text, 'wrong secret'));
    expect(wrong?.code).toBe('wrong_passphrase');
    expect(wordsOf(wrong)).toContain('signing_keys["ci"]');
    expect(inspect(wrong)).not.toContain('wrong secret');
  });
});

describe('when a private key is read', () => {
  const { privateKey } = kinds['P-256'];
  const sec1 = pem(privateKey, { type: 'sec1' });

  it('takes SEC1 after EC PARAMETERS, as openssl ecparam writes it', () => {
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
    expect(open(parameters + sec1).canonicalId).toBe(open(sec1).canonicalId);
  });

  it('takes the key out of a file that has certificates too', () => {
    const other = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    expect(open(other + sec1).canonicalId).toBe(open(sec1).canonicalId);
  });

  it.each<[string, () => string, string]>([
    ['two keys', () => sec1 + sec1, 'several_keys'],
    [
      'a public key',
      () => createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }) as string,
      'unsupported_key',
    ],
    ['ed25519', () => pem(generateKeyPairSync('ed25519').privateKey, { type: 'pkcs8' }), 'unsupported_key'],
    [
      'secp256k1',
      () => pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey, { type: 'pkcs8' }),
      'unsupported_key',
    ],
    [
      'RSA 1024',
      () => pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey, { type: 'pkcs1' }),
      'weak_key',
    ],
    ['an OpenSSH key', () => sec1.replaceAll('EC PRIVATE', 'OPENSSH PRIVATE'), 'malformed_pem'],
    ['a cut key', () => sec1.replace(/\n.{64}\n/, '\n'), 'malformed_pem'],
  ])('refuses %s without showing it', (_, text, code) => {
    const given = text();
    const error = failing(() => open(given));
    expect(error?.code).toBe(code);
    expect(wordsOf(error)).toContain('signing_keys["ci"]');
    expect(inspect(error)).not.toContain(given.split('\n')[1]);
  });
});

describe('when a private key is shown', () => {
  const key = PrivateKey.generate();
  const secret = key.exportPkcs8();

  it('is only its ID', () => {
    for (const text of [
      inspect(key, { depth: 9, showHidden: true }),
      inspect({ key }),
      JSON.stringify({ key }),
      String(key),
    ]) {
      expect(text).toContain(key.canonicalId);
      expect(text).not.toContain(secret.toString('base64').slice(-40));
      expect(text.length).toBeLessThan(120);
    }
    expect(Object.keys(key)).toEqual(['publicKey']);
  });
});

describe('when a Notary server signs with ed25519', () => {
  it('is verified by its raw 32 bytes', () => {
    const key = PrivateKey.generate('ed25519');
    const { keytype, keyval } = key.publicKey.toDocument();
    expect(keytype).toBe('ed25519');
    expect(Buffer.from(keyval.public, 'base64')).toHaveLength(32);
    const signature = key.sign(MESSAGE);
    expect(signature.method).toBe('eddsa');
    expect(key.publicKey.verify(MESSAGE, signature)).toBe(true);
    expect(key.publicKey.verify(Buffer.from('x'), signature)).toBe(false);
  });
});
