import { createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DctError } from '../error';
import type { Problem } from './refusal';
import { isTerraformExpression } from './terraform-expression';

// Certificates and public keys are written into the synthesized stack as text: they are no secrets, they can be checked at
// synth, and the stack then needs no file of theirs wherever it is applied. Private keys never are.

/** The text of a public PEM file; the path is relative to the app's folder. Throws `unreadable_file` with the resolved path. */
export function readPublicPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** The error for a file that cannot be read, with its resolved path and the system's reason. */
export function unreadable(path: string, cause: unknown): DctError {
  const reason = typeof cause === 'object' && cause !== null && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new DctError('unreadable_file', `cannot read ${resolve(path)}${reason}`, { cause });
}

/** What is wrong with the certificates of an authority, or undefined. */
export function authorityProblem(pem: string, what: string): Problem | undefined {
  if (isTerraformExpression(pem)) return undefined;
  const certificates = blocks(pem, 'CERTIFICATE');
  if (certificates.length > 0 && certificates.every(isCertificate)) return undefined;
  return {
    rule: `${what} holds no readable PEM certificate`,
    cure: 'give the text that begins with -----BEGIN CERTIFICATE-----',
  };
}

/** What is wrong with a signer's key, or undefined. */
export function publicKeyProblem(pem: string, what: string): Problem | undefined {
  if (isTerraformExpression(pem)) return undefined;
  if (pem.includes('PRIVATE KEY-----')) {
    return {
      rule: `${what} is a private key`,
      cure: 'give the certificate (cert.pem of the client bundle) or the public key',
    };
  }
  const certificates = blocks(pem, 'CERTIFICATE');
  if (certificates.length > 0 ? certificates.every(isCertificate) : blocks(pem, 'PUBLIC KEY').some(isPublicKey))
    return undefined;
  return {
    rule: `${what} is neither a PEM certificate nor a PEM public key`,
    cure: 'give the text of cert.pem of the client bundle',
  };
}

function blocks(pem: string, label: string): string[] {
  const found = pem.match(new RegExp(`-----BEGIN ${label}-----[\\s\\S]*?-----END ${label}-----`, 'g')) ?? [];
  return found.map((block) => block.replace(/^[ \t]+|[ \t\r]+$/gm, ''));
}

function isCertificate(pem: string): boolean {
  return succeeds(() => new X509Certificate(pem));
}

function isPublicKey(pem: string): boolean {
  return succeeds(() => createPublicKey(pem));
}

function succeeds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
