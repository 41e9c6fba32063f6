import { createHash } from 'node:crypto';
import { parseDocument } from '../../../src/notary/documents';
import { PublicKey } from '../../../src/notary/keys';
import { SAMPLE_GUN, type SampleStep, sample, sampleRootCertificate } from '../samples';

const STEPS: SampleStep[] = ['after-signer-add-alice-rsa2048cert', 'after-sign-v1', 'after-revoke-v2'];

describe.each(STEPS)('when docker recorded %s', (step) => {
  const files = new Map(sample(step).map(({ role, bytes }) => [role, bytes]));
  const root = parseDocument(files.get('root')!, 'root').signed;
  const targets = parseDocument(files.get('targets')!, 'targets').signed;
  const keys = new Map([...root.keys, ...(targets.delegations.keys ?? [])]);

  it('computes every recorded key ID', () => {
    for (const [id, key] of keys) expect(PublicKey.fromDocument(key).tufId).toBe(id);
  });

  it('writes every key object again', () => {
    for (const key of keys.values()) expect(PublicKey.fromDocument(key).toDocument()).toEqual(key);
  });

  it('verifies every recorded signature, and none over other bytes', () => {
    let count = 0;
    for (const [role, bytes] of files) {
      const document = parseDocument(bytes, role);
      for (const signature of document.signatures) {
        const key = PublicKey.fromDocument(keys.get(signature.keyid)!);
        expect(key.verify(document.message, signature)).toBe(true);
        expect(key.verify(Buffer.concat([document.message, Buffer.from(' ')]), signature)).toBe(false);
        count++;
      }
    }
    expect(count).toBeGreaterThanOrEqual(files.size);
  });
});

describe('when the root certificate of the recording is read', () => {
  const key = PublicKey.fromPem(sampleRootCertificate, { label: 'rootcert.pem' });

  it('is the key of the recorded root', () => {
    const file = sample('after-sign-v1').find(({ role }) => role === 'root')!;
    const root = parseDocument(file.bytes, 'root').signed;
    expect(root.roles.get('root')?.keyids).toEqual([key.tufId]);
    expect(key.canonicalId).not.toBe(key.tufId);
  });

  it('has the facts of the certificate', () => {
    expect(key.keyType).toBe('ecdsa-x509');
    expect(key.certificate).toMatchObject({
      commonName: SAMPLE_GUN,
      notBefore: new Date('2026-11-23T06:23:40Z'),
      notAfter: new Date('2036-11-20T06:23:40Z'),
      isCa: false,
      hasWeakSignature: false,
    });
    expect(createHash('sha256').update(key.certificate!.der).digest('hex')).toHaveLength(64);
  });
});
