import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Made, makeCertificate } from '../../notary/certificates';
import { decodeKeyFile, PrivateKey, PublicKey, rootCertificate } from '../../../src/notary/keys';
import { encodePem } from '../../../src/notary/keys/pem';
import { keysOf } from '../../../src/provider/attributes/keys';
import { diagnosticsOf } from './catalogue';
import { SECRET } from './steady';

const NOW = new Date('2026-11-23T12:00:00Z');
let alice: Made;
let ca: Made;
beforeAll(async () => {
  alice = await makeCertificate();
  ca = await makeCertificate({ ca: true, name: 'CN=swarm-ca' });
});

/** What a signer's delegation is given. */
const open = (text: () => string | Promise<string>) => async () => keysOf([await text()], NOW);
const certificate = (wish: Parameters<typeof makeCertificate>[0]) =>
  open(async () => (await makeCertificate(wish)).certificate);
const label = 'signing_keys["alice"].private_key';
const secret = (text: string | (() => string), passphrase?: string) => () =>
  PrivateKey.fromPem(typeof text === 'string' ? text : text(), {
    label,
    ...(passphrase !== undefined && { passphrase }),
  });
const spki = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
const pkcs8 = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const broken = (type: string): string => encodePem(type, Buffer.from('nothing'));
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });

/** The private half of one pair and the public half of another. */
function halves(): string {
  const pair = () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'der' });
  return encodePem('PRIVATE KEY', Buffer.concat([pair().subarray(0, -64), pair().subarray(-64)]));
}

/** On P-256, its point in the short form. */
function compressed(): string {
  const der = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' });
  const head = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex');
  const parity = (der.at(-1) ?? 0) % 2 === 0 ? 2 : 3;
  return encodePem('PUBLIC KEY', Buffer.concat([head, Buffer.from([parity]), der.subarray(-64, -32)]));
}

diagnosticsOf('keys', {
  'malformed_pem: empty': open(() => ''),
  'malformed_pem: no PEM': open(() => 'bundles/cluster2/cert.pem'),
  'malformed_pem: no line breaks': open(() => alice.certificate.replaceAll('\n', '\\n')),
  'malformed_pem: cut': open(() => alice.certificate.slice(0, 200)),
  'malformed_pem: changed': open(() => alice.certificate.replace(/[^-]\n/, '?\n')),
  'malformed_pem: too big': open(() => 'x'.repeat(2 * 1024 * 1024)),
  'malformed_pem: certificate': open(() => broken('CERTIFICATE')),
  'malformed_pem: public key': open(() => broken('PUBLIC KEY')),
  'malformed_pem: private key': secret(() => broken('PRIVATE KEY')),
  'malformed_pem: two halves': secret(() => halves()),
  private_key_given: open(() => alice.privateKey),
  'several_keys: public': open(() => alice.certificate + alice.publicKey),
  'several_keys: private': secret(() => alice.privateKey + alice.privateKey),
  ca_first: open(() => ca.certificate + alice.certificate),
  'weak_key: certificate': certificate({ kind: 'RSA-1024' }),
  'weak_key: public key': open(() => spki(weak.publicKey)),
  'weak_key: private key': secret(() => pkcs8(weak.privateKey)),
  'unsupported_key: ed25519': open(() => spki(generateKeyPairSync('ed25519').publicKey)),
  'unsupported_key: curve': open(() => spki(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)),
  'unsupported_key: compressed point': open(() => {
    const text = compressed();
    createPublicKey(text);
    return text;
  }),
  'unsupported_key: certificate request': open(() => broken('CERTIFICATE REQUEST')),
  'unsupported_key: another block': open(() => broken('OPENSSH KEY')),
  'unsupported_key: no private key': secret(() => alice.certificate),
  'unsupported_key: key file': () => decodeKeyFile(alice.publicKey, '/app/trust/private/abc.key'),
  'unsupported_key: root': () =>
    rootCertificate(PrivateKey.generate('ed25519'), 'dtr.example.com/admin/trustdemo', NOW),
  'weak_certificate: SHA-1': certificate({ kind: 'RSA-2048', hash: 'SHA-1' }),
  'weak_certificate: dates': certificate({
    notBefore: new Date('2030-01-01T00:00:00Z'),
    notAfter: new Date('2029-01-01T00:00:00Z'),
  }),
  expired_certificate: certificate({ notAfter: new Date('2026-06-01T00:00:00Z') }),
  certificate_not_yet_valid: certificate({ notBefore: new Date('2027-01-01T00:00:00Z') }),
  'malformed_pem: of the function key_id': () => PublicKey.fromPem('cert.pem', { label: 'pem' }),
});

// The provider's own settings say more: see configuration.test.ts. Nothing of a passphrase or key ever shows.
test('no text of a wrong passphrase holds the passphrase', () => {
  const locked = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: SECRET,
  });
  expect(secret(locked.toString(), 'another one')).toThrow(`the passphrase does not open ${label}`);
});
