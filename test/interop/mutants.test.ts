import { createECDH, createPublicKey, createPrivateKey, sign } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { DctError } from '../../src/error';
import { PrivateKey, PublicKey } from '../../src/notary';
import { parseDocument, signedBytes, type Targets } from '../../src/notary/documents';
import { HandmadeRepository } from '../contract/repository';
import { mutations } from '../notary/mutations';
import { sampleRootCertificate } from '../notary/samples';
import { describeCases } from './cases';
import { openStage, type Stage } from './stage';
import { underTest } from './under-test';
import { localKeys } from './variants';

// Rule 1: what the server or docker refuses is refused here, too. The other way round does no harm.

const seed = 4711;

/** What docker is given of a text: it minds the indentation of PEM blocks, which is taken here, and never gets to a server. */
const unindented = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .join('\n');

/** The first `count` different mutations of a text that `accepts` does not throw an error for people for. */
function accepted(original: string, count: number, accepts: (text: string) => void): string[] {
  const found = new Set<string>();
  for (const change of fc.sample(mutations, { seed, numRuns: 20_000 })) {
    if (found.size >= count) break;
    const text = change(Buffer.from(original)).toString();
    try {
      if (text !== original) accepts(text);
      if (text !== original) found.add(text);
    } catch (error) {
      if (!(error instanceof DctError)) throw error;
    }
  }
  return [...found];
}

describeCases('What we accept of damaged documents and keys', (testCase) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(localKeys);
  });
  afterAll(() => stage.close());

  testCase(
    {
      what: '200 damaged lists of targets, signed as they are: the server takes each',
      theirs: [],
      server: localKeys.name,
    },
    async () => {
      const server = underTest(stage.stack);
      const envelope = (signed: string, signature = '') => `{"signatures":[${signature}],"signed":${signed}}`;
      const original = signedBytes(someTargets()).toString();
      const texts = accepted(original, 200, (signed) => {
        const document = parseDocument(Buffer.from(envelope(signed)), 'targets');
        for (const [id, object] of document.signed.delegations.keys ?? []) {
          if (PublicKey.fromDocument(object).tufId !== id) throw new DctError('wrong_key_id', 'as when it is verified');
        }
        if (new Date(document.signed.expires) < new Date()) throw new DctError('expired_metadata', 'the same');
      });
      expect(texts.length).toBe(200);
      const refused: string[] = [];
      for (const [at, signed] of texts.entries()) {
        const made = await HandmadeRepository.create(server, `admin/mutant${at}`);
        const { message } = parseDocument(Buffer.from(envelope(signed)), 'targets');
        const { id, privateKey } = made.targetsKey;
        const sig = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64');
        const targets = envelope(signed, `{"keyid":"${id}","method":"ecdsa","sig":"${sig}"}`);
        const reply = await made.publish({ targets });
        // a version that is there already is no question of form
        if (reply.status !== 200 && !reply.body.includes('"VERSION"')) refused.push(`${reply.body}\n${signed}`);
      }
      expect(refused).toEqual([]);
    },
    120_000,
  );

  const open = createPublicKey(sampleRootCertificate).export({ type: 'spki', format: 'pem' }).toString();
  const about = (what: string) => ({ what, theirs: ['docker'] as const, server: localKeys.name });
  for (const [what, original] of [
    ['public keys', open],
    ['certificates', sampleRootCertificate],
  ] as const) {
    testCase(
      about(`25 damaged ${what}: docker trust signer add takes each`),
      async () => {
        const now = new Date();
        const texts = accepted(original, 25, (text) => PublicKey.fromPem(text, { label: 'x', now }));
        expect(texts.length).toBe(25);
        const scene = await stage.begin();
        await scene.initialise();
        const refused: string[] = [];
        for (const [at, text] of texts.entries()) {
          const file = await scene.file(`key${at}`, unindented(text));
          await scene
            .addSigner(`signer${at}`, file)
            .catch((error: unknown) => refused.push(`${String(error)}\n${text}`));
        }
        expect(refused).toEqual([]);
      },
      120_000,
    );
  }

  testCase(
    about('damaged private keys: docker trust key load takes each'),
    async () => {
      const texts = accepted(fixedPrivateKey(), 25, (text) => PrivateKey.fromPem(text, { label: 'x' }));
      expect(texts.length).toBeGreaterThan(5);
      const operator = await stage.stack.operator('mutants');
      const refused: string[] = [];
      for (const [at, text] of texts.entries()) {
        const file = join(operator.configDirectory, `private${at}.pem`);
        await writeFile(file, unindented(text), { mode: 0o600 });
        const load = operator.docker(['trust', 'key', 'load', '--name', `signer${at}`, file]);
        await load.catch((error: unknown) => refused.push(`${String(error)}\n${text}`));
      }
      expect(refused).toEqual([]);
    },
    120_000,
  );
});

/** The same in every run: the scalar is the number of the run. */
function fixedPrivateKey(): string {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(Buffer.alloc(32, 7));
  const point = ecdh.getPublicKey();
  const part = (from: number) => point.subarray(from, from + 32).toString('base64url');
  const d = ecdh.getPrivateKey().toString('base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: part(1), y: part(33), d };
  return createPrivateKey({ key: jwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** One of everything that targets can hold. */
function someTargets(): Targets {
  const key = PublicKey.fromPem(sampleRootCertificate, { label: 'sample' });
  const target = { hashes: new Map([['sha256', Buffer.alloc(32, 7).toString('base64')]]), length: 1234 };
  return {
    _type: 'Targets',
    delegations: {
      keys: new Map([[key.tufId, key.toDocument()]]),
      roles: [{ keyids: [key.tufId], name: 'targets/alice', paths: [''], threshold: 1 }],
    },
    expires: '2031-01-02T03:04:05.678Z',
    targets: new Map([
      ['v1', target],
      ['v2', target],
    ]),
    version: 2,
  };
}
