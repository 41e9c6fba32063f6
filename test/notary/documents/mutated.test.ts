import fc from 'fast-check';
import { DctError } from '../../../src/error';
import { parseDocument, serialise, signedBytes } from '../../../src/notary/documents';
import { PrivateKey, PublicKey, decodeKeyFile, encodeKeyFile } from '../../../src/notary/keys';
import { mutations } from '../mutations';
import { sampleFiles, sampleRootCertificate } from '../samples';

const seed = 4711;
const secret = PrivateKey.generate();
const keyFile = encodeKeyFile(secret, { role: 'alice', passphrase: 'correct horse' });
const open = secret.publicKey.toPem() ?? '';
const plain = `-----BEGIN PRIVATE KEY-----\n${secret.exportPkcs8().toString('base64')}\n-----END PRIVATE KEY-----\n`;

const bytesOf = (text: string): Buffer => Buffer.from(text);

/** Runs `read` on that many mutations of `originals`; everything it throws has to be an error for people. */
function mutate<T>(
  runs: number,
  originals: readonly T[],
  bytes: (one: T) => Buffer,
  read: (one: T, mutated: Buffer) => void,
): number {
  let accepted = 0;
  fc.assert(
    fc.property(fc.constantFrom(...originals), mutations, (one, change) => {
      const mutated = change(bytes(one));
      try {
        read(one, mutated);
        accepted++;
      } catch (error) {
        if (!(error instanceof DctError)) throw error;
      }
    }),
    { numRuns: runs, seed, endOnFailure: true },
  );
  return accepted;
}

describe('when a hundred thousand documents and keys are damaged', () => {
  test('a document is refused in words, or has one meaning only', () => {
    const files = sampleFiles();
    const accepted = mutate(
      60_000,
      files,
      ({ bytes }) => bytes,
      ({ role }, mutated) => {
        const document = parseDocument(mutated, role);
        const again = parseDocument(serialise(document.signed, document.signatures), role);
        // unknown fields go when Go writes the file again; what is left is what was read
        if (!signedBytes(document.signed).equals(again.message)) throw new Error('read in two ways');
      },
    );
    expect(accepted).toBeGreaterThan(500);
    expect(accepted).toBeLessThan(30_000);
  });

  test('a public key is refused in words, or is a key that is written again the same', () => {
    const accepted = mutate(20_000, [open, sampleRootCertificate], bytesOf, (_, mutated) => {
      const key = PublicKey.fromPem(mutated.toString(), { label: 'x' });
      const again = PublicKey.fromPem(key.toPem() ?? '', { label: 'x' });
      if (again.tufId !== key.tufId || !key.isUsable) throw new Error('another key');
    });
    expect(accepted).toBeGreaterThan(100);
  });

  test('a private key is refused in words, or signs for its own public key', () => {
    const message = Buffer.from('message');
    mutate(10_000, [plain], bytesOf, (_, mutated) => {
      const key = PrivateKey.fromPem(mutated.toString(), { label: 'x' });
      if (!key.publicKey.verify(message, key.sign(message))) throw new Error('not its own key');
    });
  });

  test('the headers of a key file are refused in words, or read', () => {
    mutate(10_000, [keyFile], bytesOf, (_, mutated) => {
      const { role, isEncrypted } = decodeKeyFile(mutated.toString(), 'x');
      if (role.includes('\n') || typeof isEncrypted !== 'boolean') throw new Error('no header');
    });
  });
});
