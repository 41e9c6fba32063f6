import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../../src/sandbox';

/** Everything that a state must not hold: passwords, passphrases, lines of private keys. By what it is. */
export async function secretsOf(sandbox: Sandbox, configuration: string): Promise<ReadonlyMap<string, string>> {
  const { registry, clusters } = sandbox;
  const secrets = new Map([
    [registry.password, 'the registry’s password'],
    ...clusters.map(({ name, password }) => [password, `a password of ${name}`] as const),
  ]);
  for (const role of ['ROOT', 'REPOSITORY']) {
    const passphrase = process.env[`DOCKER_CONTENT_TRUST_${role}_PASSPHRASE`];
    if (passphrase !== undefined) secrets.set(passphrase, `the ${role.toLowerCase()} passphrase`);
  }
  const bundles = clusters.map(({ clientBundle }) => readFile(join(clientBundle, 'key.pem'), 'utf8').catch(() => ''));
  const texts = [configuration.replaceAll('\\n', '\n'), ...(await Promise.all(bundles))];
  for (const [key] of texts.flatMap((text) => [...text.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*/g)]))
    for (const line of secretLines(key)) secrets.set(line, 'a line of a private key');
  return secrets;
}

/** Without what is public as well: the end of an EC key is its public half, the beginning of an RSA key its modulus. */
function secretLines(pem: string): string[] {
  const lines = pem.split('\n').filter((line) => line.length >= 20 && !line.startsWith('-----'));
  return lines.slice(lines.length > 5 ? lines.length / 2 : 0, -1);
}

/** Which of them are in a text, and whatever looks like a token. */
export function secretsIn(text: string, secrets: ReadonlyMap<string, string>): string[] {
  const found = [...secrets].filter(([secret]) => text.includes(secret)).map(([, name]) => name);
  const tokens = text.match(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+|PRIVATE KEY/g) ?? [];
  return [...new Set([...found, ...tokens])];
}
