import type { DctError } from '../../error';
import { signerRole, type Target } from '../../notary';
import { type Context, type Path, UNKNOWN } from '../../plugin';
import type { Connection } from '../connection';
import { explain } from '../errors/explain';

const WHEN = 'The apply fails, unless such a key is at hand by then, or another one is to sign.';

/**
 * A key that the apply needs and that is not at hand now: no error at plan, since whoever applies may have it. (Terraform plans
 * again what it applies, and says it then, too.)
 */
export function warnOfKeyToCome(missing: DctError, attribute: Path, warn: Context['warn']): void {
  const said = explain(missing);
  if (said !== undefined) warn(attribute, said.summary, `${WHEN}\n${said.detail ?? ''}`);
}

interface Signing {
  readonly gun: string;
  readonly signer: string;
  readonly tag: string;
  /** Undefined while it is not known, or cannot be told soon. */
  readonly target: Target | undefined;
}

/** The same of a signer who is to sign a tag, once for all tags. What is signed already needs no key. */
export async function warnOfSignersKey(
  { gun, signer, tag, target }: Signing,
  { provider, warn, signal }: Pick<Context, 'warn' | 'signal'> & { readonly provider: Connection },
): Promise<void> {
  const { foreseen } = provider;
  const planned = foreseen.keyIdsOf(gun, signer);
  if (planned === UNKNOWN) return;
  let standing: readonly string[] = [];
  if (target !== undefined && !foreseen.isAnew(gun)) {
    const { missingKey } = await provider.glance(
      gun,
      (draft) => {
        standing = draft.signerKeys(signer).map(({ canonicalId }) => canonicalId);
        return draft.signTag(signer, tag, target);
      },
      signal,
      false,
    );
    if (standing.length > 0 && missingKey === undefined) return;
  }
  const missing = await provider.noneAtHand(
    gun,
    signerRole(signer),
    planned ?? standing,
    `no tag can be signed as ${signer}`,
  );
  if (missing !== undefined) warnOfKeyToCome(missing, ['signer'], provider.repository(gun).warnOnce(warn));
}
