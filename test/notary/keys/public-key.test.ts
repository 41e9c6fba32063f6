import { type KeyObject, createPublicKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { PublicKey, sameKeys } from '../../../src/notary/keys';
import { encodePem } from '../../../src/notary/keys/pem';
import { type Made, type Wish, makeCertificate } from '../certificates';
import { failing, wordsOf } from '../failing';
import { mutations } from '../mutations';

const NOW = new Date('2026-11-23T12:00:00Z');
const add = (text: string) => PublicKey.fromPem(text, { label: 'public_keys[0]', now: NOW });
const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

let alice: Made;
let rsa: Made;
let ca: Made;
beforeAll(async () => {
  alice = await makeCertificate();
  rsa = await makeCertificate({ kind: 'RSA-2048' });
  ca = await makeCertificate({ ca: true, name: 'CN=swarm-ca' });
});

describe('when a certificate or public key is read', () => {
  it('is the same key in whatever dress', () => {
    const plain = add(alice.certificate).tufId;
    const bag = `Bag Attributes\n    localKeyID: 01 02\nsubject=/CN=alice\n\n`;
    for (const text of [
      alice.certificate.replaceAll('\n', '\r\n'),
      `# a comment: with a colon\n${alice.certificate}`,
      bag + alice.certificate + '\n\nafter',
      alice.certificate.replace(/^/gm, '    '),
      alice.certificate.replaceAll('\n', '\n\n'),
      alice.certificate.trimEnd(),
      alice.certificate
        .replace(/(.{64})\n/g, '$1')
        .replace(/(.{76})/g, '$1\n')
        .replace(/-----BEGIN CERTIFICATE-----\n?/, '-----BEGIN CERTIFICATE-----\n')
        .replace(/\n?-----END CERTIFICATE-----/, '\n-----END CERTIFICATE-----'),
    ]) {
      expect(add(text).tufId).toBe(plain);
      expect(sameKeys(text, alice.certificate)).toBe(true);
    }
  });

  it("takes docker's .pub files with a role header", () => {
    const text = alice.publicKey.replace('-----\n', '-----\nrole: alice\n\n');
    expect(add(text).tufId).toBe(add(alice.publicKey).tufId);
  });

  it('has for a certificate the canonical ID of its bare key', () => {
    for (const made of [alice, rsa]) {
      const [certificate, bare] = [add(made.certificate), add(made.publicKey)];
      expect(certificate.canonicalId).toBe(bare.canonicalId);
      expect(bare.canonicalId).toBe(bare.tufId);
      expect(certificate.tufId).not.toBe(bare.tufId);
      expect(certificate.toPem()).toBe(made.certificate);
      expect(bare.toPem()).toBe(made.publicKey);
    }
  });

  it('has for a renewed certificate another TUF ID and the same canonical ID', async () => {
    const first = await makeCertificate({ name: 'CN=carol' });
    const second = await makeCertificate({
      name: 'CN=carol',
      keys: first.keys,
      notAfter: new Date('2040-01-01T00:00:00Z'),
    });
    expect(add(second.certificate).canonicalId).toBe(add(first.certificate).canonicalId);
    expect(add(second.certificate).tufId).not.toBe(add(first.certificate).tufId);
    expect(sameKeys(first.certificate, second.certificate)).toBe(false);
  });

  it.each<[string, Wish]>([
    ['P-384', { kind: 'P-384' }],
    ['P-521', { kind: 'P-521' }],
    ['RSA 3072', { kind: 'RSA-3072' }],
    ['a CA of its own, as openssl req -x509 makes', { ca: true }],
    ['a start within the next day', { notBefore: new Date(NOW.getTime() + 23 * 3_600_000) }],
    ['a date beyond 2050', { notAfter: new Date('2060-01-01T00:00:00Z') }],
  ])('takes a certificate with %s', async (_, wish) => {
    const made = await makeCertificate(wish);
    expect(add(made.certificate).isUsable).toBe(true);
    if (wish.notAfter) expect(add(made.certificate).certificate?.notAfter).toEqual(wish.notAfter);
  });

  it.each<[string, string, Wish, ...string[]]>([
    ['expired', 'expired_certificate', { notAfter: new Date('2026-11-23T11:00:00Z') }, 'CN=alice', '2026-11-23T11:00'],
    ['valid only from tomorrow', 'certificate_not_yet_valid', { notBefore: new Date('2026-11-25T00:00:00Z') }, 'clock'],
    ['signed with SHA-1', 'weak_certificate', { kind: 'RSA-2048', hash: 'SHA-1' }, 'SHA-1'],
    ['on RSA 1024', 'weak_key', { kind: 'RSA-1024' }, '1024', '2048'],
    ['on ed25519', 'unsupported_key', { kind: 'Ed25519' }, 'ed25519', 'P-256'],
  ])('refuses a certificate that is %s', async (_, code, wish, ...words) => {
    const made = await makeCertificate(wish);
    const error = failing(() => add(made.certificate));
    expect(error?.code).toBe(code);
    for (const word of ['public_keys[0]', ...words]) expect(wordsOf(error)).toContain(word);
  });

  it('does not look at dates without a clock', async () => {
    const made = await makeCertificate({ notAfter: new Date('2026-02-01T00:00:00Z') });
    expect(PublicKey.fromPem(made.certificate, { label: 'x' }).isUsable).toBe(true);
  });

  it.each<[string, () => string, string, ...string[]]>([
    ['nothing', () => ' \n', 'malformed_pem', 'empty'],
    ['a path', () => 'bundles/cluster2/cert.pem', 'malformed_pem', 'no PEM block'],
    ['escaped line breaks', () => alice.certificate.replaceAll('\n', '\\n'), 'malformed_pem', '"\\n"'],
    ['no end line', () => alice.certificate.replace(/-----END.*/, ''), 'malformed_pem', 'without an end'],
    ['a cut body', () => alice.certificate.replace(/^(?!-).{10}/m, ''), 'malformed_pem'],
    ['a lost line', () => alice.certificate.replace(/\n.{64}\n/, '\n'), 'malformed_pem', 'cannot be read'],
    ['other characters', () => alice.certificate.replace(/\n(?!-)./, '\n*'), 'malformed_pem', 'base64'],
    ['an empty block', () => '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----', 'malformed_pem'],
    ['two certificates', () => alice.certificate + rsa.certificate, 'several_keys', 'CN=alice', 'first'],
    ['a certificate and its CA', () => alice.certificate + ca.certificate, 'several_keys', 'CN=swarm-ca'],
    ['a CA and a certificate', () => ca.certificate + alice.certificate, 'ca_first', 'CN=swarm-ca', 'CA'],
    ['a certificate and a public key', () => alice.certificate + alice.publicKey, 'several_keys', 'PUBLIC KEY'],
    ['a private key', () => alice.privateKey, 'private_key_given', 'certificate'],
    ['a certificate with its private key', () => alice.certificate + alice.privateKey, 'private_key_given'],
    [
      'a PKCS#1 public key',
      () => createPublicKey(rsa.publicKey).export({ type: 'pkcs1', format: 'pem' }) as string,
      'unsupported_key',
      'openssl rsa -RSAPublicKey_in',
    ],
    [
      'a request',
      () => alice.certificate.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'),
      'unsupported_key',
      'issued',
    ],
    ['an ed25519 key', () => spki(generateKeyPairSync('ed25519').publicKey), 'unsupported_key', 'ed25519'],
    [
      'a DSA key',
      () => spki(generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).publicKey),
      'unsupported_key',
      'dsa',
    ],
    [
      'an RSA-PSS key',
      () => spki(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey),
      'unsupported_key',
      'rsa-pss',
    ],
    [
      'a Bitcoin key',
      () => spki(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey),
      'unsupported_key',
      'secp256k1',
    ],
    ['an X25519 key', () => spki(generateKeyPairSync('x25519').publicKey), 'unsupported_key', 'x25519'],
    ['megabytes', () => 'x'.repeat(2 * 1024 * 1024), 'malformed_pem', 'too big'],
  ])('refuses %s', (_, text, code, ...words) => {
    const error = failing(() => add(text()));
    expect(error?.code).toBe(code);
    for (const word of ['public_keys[0]', ...words]) expect(wordsOf(error)).toContain(word);
  });

  it.each<[string, (pem: string) => string]>([
    ['bytes after it', (pem) => encodePem('PUBLIC KEY', Buffer.concat([derOf(pem), Buffer.from([0])]))],
    ['white space that is none in PEM', (pem) => pem.replace(/(?<=.{40})(?=.{10}\n)/, '\u2028')],
  ])('is refused with %s, as docker does', (_, damage) => {
    const pem = damage(alice.publicKey);
    expect(pem).not.toBe(alice.publicKey);
    expect(failing(() => PublicKey.fromPem(pem, { label: 'x' }))?.code).toBe('malformed_pem');
  });

  it('never quotes a private key', () => {
    const secret = alice.privateKey.split('\n')[1]!;
    for (const text of [
      alice.privateKey,
      alice.certificate + alice.privateKey,
      alice.privateKey.replace('PRIVATE', 'SECRET'),
    ]) {
      const error = failing(() => add(text));
      expect(`${wordsOf(error)} ${error?.stack ?? ''}`).not.toContain(secret);
    }
  });
});

describe('when a key of a document cannot be used', () => {
  it.each([
    ['an unknown type', 'gpg', 'AAAA'],
    ['no DER', 'ecdsa', 'AAAA'],
    ['no PEM', 'rsa-x509', 'AAAA'],
    ['a short ed25519 key', 'ed25519', 'AAAA'],
    ['nothing', 'rsa', ''],
  ])('has its ID and verifies nothing: %s', (_, keytype, bytes) => {
    const key = PublicKey.fromDocument({ keytype, keyval: { private: null, public: bytes } });
    expect(key.tufId).toMatch(/^[0-9a-f]{64}$/);
    expect(key.isUsable).toBe(false);
    expect(key.verify(Buffer.from('x'), { method: 'ecdsa', sig: 'AAAA' })).toBe(false);
  });

  it('is not usable under another type than its own', () => {
    const { keyval } = add(alice.publicKey).toDocument();
    expect(PublicKey.fromDocument({ keytype: 'rsa', keyval }).isUsable).toBe(false);
  });
});

describe('when texts are compared', () => {
  it('is equal only for one key in one form', () => {
    expect(sameKeys(alice.certificate, alice.publicKey)).toBe(false);
    expect(sameKeys(alice.certificate, rsa.certificate)).toBe(false);
    expect(sameKeys('no key', ' no key\n')).toBe(true);
    expect(sameKeys('no key', 'other')).toBe(false);
  });
});

describe('when PEM texts are mutated at random', () => {
  it('gives a key that verifies and is written again the same, or a plain refusal', () => {
    fc.assert(
      fc.property(fc.constantFrom('certificate', 'publicKey'), fc.boolean(), mutations, (form, useRsa, mutate) => {
        const text = mutate(Buffer.from((useRsa ? rsa : alice)[form])).toString('utf8');
        let key: PublicKey | undefined;
        const error = failing(() => (key = add(text)));
        if (error) return;
        expect(key?.isUsable).toBe(true);
        expect(PublicKey.fromDocument(key!.toDocument()).tufId).toBe(key?.tufId);
        expect(add(key!.toPem()!).tufId).toBe(key?.tufId);
      }),
      { numRuns: 3000 },
    );
  });
});

function derOf(pem: string): Buffer {
  return createPublicKey(pem).export({ type: 'spki', format: 'der' });
}
