import { X509Certificate, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { PrivateKey, PublicKey, rootCertificate } from '../../../src/notary/keys';
import { failing } from '../failing';
import { sampleRootCertificate } from '../samples';

const NOW = new Date('2026-11-23T06:23:40.789Z');
const keys = {
  'P-256': PrivateKey.generate(),
  'P-384': made(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey),
  'P-521': made(generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey),
  RSA: made(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
};

function made(key: ReturnType<typeof generateKeyPairSync>['privateKey'] | { export: (options: object) => unknown }) {
  return PrivateKey.fromPem(String(key.export({ type: 'pkcs8', format: 'pem' } as never)), { label: 'x' });
}

describe.each(Object.entries(keys))('when a root certificate is made over %s', (_, key) => {
  const certificate = rootCertificate(key, 'dtr.local/admin/demo', NOW);
  const x509 = new X509Certificate(certificate.certificate!.der);

  it('is self-signed for the GUN, ten years long', () => {
    expect(x509.verify(x509.publicKey)).toBe(true);
    expect(x509.issuer).toBe(x509.subject);
    expect(certificate.certificate).toMatchObject({
      commonName: 'dtr.local/admin/demo',
      notBefore: new Date('2026-11-23T06:23:40Z'),
      notAfter: new Date('2036-11-20T06:23:40Z'),
      isCa: false,
      hasWeakSignature: false,
    });
    expect(x509.keyUsage).toEqual(['1.3.6.1.5.5.7.3.3']);
  });

  it('stands for the key', () => {
    expect(certificate.canonicalId).toBe(key.canonicalId);
    const message = Buffer.from('m');
    expect(certificate.verify(message, key.sign(message))).toBe(true);
    expect(PublicKey.fromPem(certificate.toPem()!, { label: 'x', now: NOW }).tufId).toBe(certificate.tufId);
  });
});

describe('when docker made one', () => {
  it('differs from ours in serial number, key and signature only', () => {
    const docker = PublicKey.fromPem(sampleRootCertificate, { label: 'x' }).certificate!.der;
    const ours = rootCertificate(keys['P-256'], 'dtr.local/admin/demo', NOW).certificate!.der;
    const shape = (der: Buffer) => {
      const hex = der.toString('hex');
      const validity = hex.indexOf('301e170d');
      const point = hex.indexOf('034200');
      return [
        hex.slice(hex.indexOf('300a0608'), validity + 64),
        hex.slice(validity + 64, point),
        hex.slice(point + 6 + 130, hex.lastIndexOf('0348') > 0 ? hex.lastIndexOf('300a') + 24 : -1),
      ];
    };
    expect(shape(ours)[0]).toBe(shape(docker)[0]);
    expect(shape(ours)[1]).toBe(shape(docker)[1]);
    expect(shape(ours)[2]?.slice(0, 110)).toBe(shape(docker)[2]?.slice(0, 110));
  });
});

describe('when GUNs and times are unusual', () => {
  it('is read by OpenSSL and says the same', () => {
    const guns = fc.stringMatching(/^[a-z0-9._:/-]{1,250}$/);
    const times = fc.date({ min: new Date('2000-01-01'), max: new Date('2080-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(guns, times, (gun, now) => {
        const { certificate } = rootCertificate(keys['P-256'], gun, now);
        const second = Math.floor(now.getTime() / 1000) * 1000;
        expect(certificate?.commonName).toBe(gun);
        expect(certificate?.notBefore.getTime()).toBe(second);
        expect(certificate?.notAfter.getTime()).toBe(second + 3650 * 86_400_000);
      }),
      { numRuns: 200 },
    );
  });

  it('cannot be made over ed25519', () => {
    expect(failing(() => rootCertificate(PrivateKey.generate('ed25519'), 'g', NOW))?.code).toBe('unsupported_key');
  });
});
