import { DctError } from '../error';

/** What `dct` itself has for it, where an error's own cure speaks of a provider's configuration. */
const here: Readonly<Record<string, string>> = {
  tls_untrusted: '--ca <file>, or ca_bundle of the topology’s registry',
  registry_login_refused: 'DCT_REGISTRY_USERNAME and DCT_REGISTRY_PASSWORD',
  unauthorised: 'DCT_REGISTRY_USERNAME and DCT_REGISTRY_PASSWORD',
  forbidden: 'DCT_REGISTRY_USERNAME and DCT_REGISTRY_PASSWORD',
  no_next_root_key: '--root-key <id>, or --create-root-key',
  key_not_at_hand: 'in the trust store (--trust-store), or private_key_path of a signer in the topology',
};

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'error';
}

/** What to do about it, in words of the command line too. */
export function cureOf(error: unknown): string | undefined {
  const cure = error instanceof Error && 'cure' in error && typeof error.cure === 'string' ? error.cure : undefined;
  const ours = here[codeOf(error)];
  if (ours === undefined) return cure;
  return cure === undefined ? ours : `${cure.replace(/\.$/, '')}; here: ${ours}`;
}

/** The lines for standard error. */
export function failureText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const cure = cureOf(error);
  return `dct: ${message}\n${cure === undefined ? '' : `  ${cure}\n`}`;
}

export function isInterruption(error: unknown): boolean {
  return error instanceof DctError && error.code === 'interrupted';
}
