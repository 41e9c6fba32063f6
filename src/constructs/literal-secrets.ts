import { privateKeyProblem } from './pem';
import { isTerraformExpression } from './terraform-expression';

const SECRET = /^(password|private_key|passphrase|root_passphrase|repository_passphrase)$/;
const SECRETS = 'passphrases';

/** One message for each secret of a synthesized provider configuration that is written out in it. Never the secret itself. */
export function literalSecrets(configuration: unknown, path: readonly string[] = []): string[] {
  if (typeof configuration !== 'object' || configuration === null) return [];
  return Object.entries(configuration).flatMap(([name, value]: [string, unknown]) => {
    const here = [...path, name];
    if (typeof value !== 'string') return literalSecrets(value, here);
    const isSecret = SECRET.test(name) || path.at(-1) === SECRETS;
    if (!isSecret) {
      const key = privateKeyProblem(value, here.join('.'));
      return key === undefined ? [] : [`${key.rule}; ${key.cure}`];
    }
    if (isTerraformExpression(value)) return [];
    return [
      `${here.join('.')} is a literal, and would be in the synthesized stack for everyone to read; use a TerraformVariable ` +
        "that is sensitive (and ephemeral: variable.addOverride('ephemeral', true)), or the environment",
    ];
  });
}
