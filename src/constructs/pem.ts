import { createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DctError, systemCode } from '../error';
import type { Problem } from './refusal';
import { isTerraformExpression } from './terraform-expression';

// Certificates and public keys are written into the synthesized stack as text: they are no secrets, they can be checked at
// synth, and the stack then needs no file of theirs wherever it is applied. Private keys never are.

/**
 * The text of a public PEM file; the path is relative to the app's folder. Throws `unreadable_file`, or `private_key` for a file
 * that holds one, with the resolved path.
 */
export function readPublicPem(path: string): string {
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
  const problem = privateKeyProblem(pem, resolve(path));
  if (problem !== undefined) throw new DctError('private_key', `${problem.rule}; ${problem.cure}`);
  return pem;
}

/** The error for a file that cannot be read, with its resolved path and the system's reason. */
export function unreadable(path: string, cause: unknown): DctError {
  const code = systemCode(cause);
  const reason = code === undefined ? '' : ` (${code})`;
  return new DctError('unreadable_file', `cannot read ${resolve(path)}${reason}`, { cause });
}

/** A private key, also one beside a certificate: it would be in the synthesized stack for everyone to read. */
export function privateKeyProblem(pem: string, what: string): Problem | undefined {
  if (!/PRIVATE KEY-----/.test(pem)) return undefined;
  return {
    rule: `${what} holds a private key, which would be in the synthesized stack for everyone to read`,
    cure: 'give the certificate alone (ca.pem or cert.pem of the client bundle)',
  };
}

/** What is wrong with PEM certificates, or undefined. */
export function certificatesProblem(pem: string, what: string): Problem | undefined {
  const secret = privateKeyProblem(pem, what);
  if (secret !== undefined || isTerraformExpression(pem)) return secret;
  const certificates = blocks(pem, 'CERTIFICATE');
  if (certificates.length > 0 && certificates.every(isCertificate)) return undefined;
  return {
    rule: `${what} holds no readable PEM certificate`,
    cure: 'give the text that begins with -----BEGIN CERTIFICATE-----',
  };
}

/** What is wrong with a signer's key, or undefined. */
export function publicKeyProblem(pem: string, what: string): Problem | undefined {
  const secret = privateKeyProblem(pem, what);
  if (secret !== undefined || isTerraformExpression(pem)) return secret;
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
