import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZipFile } from 'yazl';
import { readClientBundle } from '../../../src/ucp';
import { testAuthority, type IssuedCertificate, type TestAuthority } from '../../support/certificates';
import { diagnosticsOf } from './catalogue';

const now = new Date('2026-03-01T00:00:00Z');
let directory: string;
let authority: TestAuthority;
let issued: IssuedCertificate;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dct-texts-'));
  authority = await testAuthority('UCP CA');
  issued = await authority.issue({
    usage: 'client',
    commonName: 'admin',
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2026-06-01T00:00:00Z'),
  });
});
afterAll(() => rm(directory, { recursive: true }));

/** A bundle in a folder, some of its files another way; null: not there. */
async function bundle(changes: Readonly<Record<string, string | null>> = {}, at = now): Promise<unknown> {
  const folder = join(directory, 'bundles/cluster2');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const files = { 'ca.pem': authority.certificate, 'cert.pem': issued.certificate, 'key.pem': issued.privateKey };
  const all: Readonly<Record<string, string | null>> = { ...files, ...changes };
  for (const [name, text] of Object.entries(all)) {
    if (text !== null) await writeFile(join(folder, name), text);
  }
  return readClientBundle(folder, { now: at });
}

/** One in a zip with these entries. */
async function zipped(entries: Readonly<Record<string, string>>, mode = 0o100644): Promise<unknown> {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(entries)) zip.addBuffer(Buffer.from(text), name, { mode });
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
  return read(Buffer.concat(chunks));
}

async function read(zip: Buffer | string): Promise<unknown> {
  const path = join(directory, 'cluster2.zip');
  await writeFile(path, zip);
  return readClientBundle(path, { now });
}

diagnosticsOf('ucp-bundles', {
  bundle_not_found: () => readClientBundle('bundles/nowhere'),
  'bundle_incomplete: no key and no CA': () => bundle({ 'key.pem': null, 'ca.pem': null }),
  'bundle_malformed: certificate': () => bundle({ 'cert.pem': 'not a certificate' }),
  'bundle_malformed: CA': () => bundle({ 'ca.pem': '' }),
  'bundle_malformed: key': () => bundle({ 'key.pem': 'not a key' }),
  bundle_key_mismatch: async () => bundle({ 'key.pem': (await authority.issue({ usage: 'client' })).privateKey }),
  'bundle_certificate_expired: over': () => bundle({}, new Date('2026-07-01T00:00:00Z')),
  'bundle_certificate_expired: not yet': () => bundle({}, new Date('2025-07-01T00:00:00Z')),
  'bundle_refused: no zip': () => read('not a zip'),
  'bundle_refused: too long': () => read(Buffer.alloc(9 * 1024 * 1024)),
  'bundle_refused: twice': () => zipped({ 'cert.pem': 'a', './CERT.pem': 'b' }),
  'bundle_refused: link': () => zipped({ 'cert.pem': '/etc/passwd' }, 0o120777),
  'bundle_refused: large file': () => zipped({ 'cert.pem': 'a'.repeat(1024 * 1024 + 1) }),
});
