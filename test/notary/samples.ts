import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RoleName } from '../../src/notary/documents';

/**
 * Files recorded from docker CLI 28.2.2 and notary-server 0.7.0 for this GUN, as the server returned them.
 * Not called .json, or a formatter would change their bytes.
 */
export const SAMPLE_GUN = 'dtr.local/admin/demo';
/** A moment at which none of them was expired. */
export const SAMPLE_TIME = new Date('2026-11-23T06:30:00Z');

const FOLDER = join(__dirname, 'samples');
const STEPS = [
  'after-signer-add-alice-rsa2048cert',
  'after-sign-v1',
  'after-revoke-v2',
  'after-signer-remove-last',
] as const;
export type SampleStep = (typeof STEPS)[number];

export interface SampleFile {
  readonly name: string;
  readonly role: RoleName;
  readonly bytes: Buffer;
}

export function sample(step: SampleStep): SampleFile[] {
  return readdirSync(join(FOLDER, step), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.tuf'))
    .map((path) => ({
      name: `${step}/${path}`,
      role: path.slice(0, -'.tuf'.length) as RoleName,
      bytes: readFileSync(join(FOLDER, step, path)),
    }));
}

export function sampleFiles(): SampleFile[] {
  return STEPS.flatMap(sample);
}

export const sampleRootCertificate = readFileSync(join(FOLDER, 'rootcert.pem'), 'utf8');
