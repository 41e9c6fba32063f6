import type { Problem } from './refusal';
import { isTerraformExpression } from './terraform-expression';

// The same rules as the provider's (a test compares them), said at synth already. What only Terraform knows is left to it.

/** Where a server is: `https://host[:port]`. */
export function addressProblem(address: string): Problem | undefined {
  if (isTerraformExpression(address)) return undefined;
  const says = (reason: string) => ({
    rule: `the address ${JSON.stringify(address)} ${reason}`,
    cure: 'write it as https://host or https://host:port',
  });
  if (!URL.canParse(address)) return says('is not a URL');
  const url = new URL(address);
  if (url.protocol !== 'https:') return says('is not one of https');
  if (url.username !== '' || url.password !== '') {
    return { ...says(''), rule: `the address of ${url.host} holds a user name or password` };
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return says('has something after the host');
  return undefined;
}

/** SHA-256 of a certificate, in hex, as openssl prints it or plain. */
export function fingerprintProblem(fingerprint: string): Problem | undefined {
  if (isTerraformExpression(fingerprint)) return undefined;
  const plain = fingerprint
    .trim()
    .replace(/^sha-?256[:=]/i, '')
    .replaceAll(':', '');
  if (/^[0-9a-f]{64}$/i.test(plain)) return undefined;
  return {
    rule: `${JSON.stringify(fingerprint)} is not a SHA-256 fingerprint, which has 64 hex digits`,
    cure: 'take it from: openssl x509 -in ca.pem -noout -fingerprint -sha256',
  };
}

/** An image as docker takes it. */
export function imageProblem(image: string): Problem | undefined {
  if (isTerraformExpression(image) || IMAGE.test(image)) return undefined;
  return {
    rule: `${JSON.stringify(image)} is not an image`,
    cure: 'write it as docker takes it: [<registry>/]<repository>[:<tag>][@sha256:<64 hex digits>], in small letters',
  };
}

export function keyIdProblem(id: string): Problem | undefined {
  if (isTerraformExpression(id) || /^[0-9a-f]{64}$/.test(id)) return undefined;
  return { rule: `${JSON.stringify(id)} is not a key ID`, cure: 'write 64 hex digits in small letters' };
}

const NAME = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const IMAGE = new RegExp(
  `^(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?${NAME}(?:/${NAME})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
);
