import { imageReferenceProblem } from '../../admission';
import { parseFingerprint } from '../../dtr';
import { DctError } from '../../error';
import { HttpError, originUrl } from '../../http';
import { checkHostAddress, checkSigner, checkTag, normaliseRepository } from '../../notary/documents';
import { whatToDo } from '../errors/explain';

/** For `validate` of an attribute: what is wrong with the value, or undefined. */
type Problem = (value: string) => string | undefined;

export const hostAddressProblem = problemOf(checkHostAddress);
export const signerProblem = problemOf(checkSigner);
export const tagProblem = problemOf(checkTag);
export const fingerprintProblem = problemOf(parseFingerprint);

/** A name, or a GUN of whatever registry: the provider's own is not known yet when attributes are checked. */
export const repositoryProblem = problemOf((nameOrGun: string) => {
  const first = nameOrGun.includes('://') ? '' : nameOrGun.slice(0, nameOrGun.indexOf('/'));
  normaliseRepository(nameOrGun, /[.:]/.test(first) || first === 'localhost' ? first : 'registry.invalid');
});

export const digestProblem: Problem = (digest) =>
  /^sha256:[0-9a-f]{64}$/.test(digest) ? undefined : 'must be sha256: and 64 hex digits in small letters';

export const rootKeyIdsProblem = (ids: readonly string[]): string | undefined =>
  ids.every((id) => /^[0-9a-f]{64}$/.test(id)) ? undefined : 'must hold key IDs: 64 hex digits in small letters each';

export const rootPinsProblem = (pins: Readonly<Record<string, readonly string[]>>): string | undefined => {
  const wrong = Object.entries(pins).find(([, ids]) => ids.length === 0 || rootKeyIdsProblem(ids) !== undefined);
  if (wrong === undefined) return undefined;
  return `must hold root key IDs for ${JSON.stringify(wrong[0])}: at least one, 64 hex digits in small letters each`;
};

export const addressProblem = problemOf(originUrl);

export const imagesProblem = (images: readonly string[]): string | undefined => {
  const wrong = images.find((image) => imageReferenceProblem(image) !== undefined);
  return wrong && `holds ${JSON.stringify(wrong)}, but each ${imageReferenceProblem(wrong) ?? ''}`;
};

/** Delegations and targets are signed for 1095 days: whoever wanted more of them would have to renew them for ever. */
export const daysProblem = (days: number | bigint): string | undefined =>
  days >= 0 && days <= 1000 && Number.isInteger(Number(days)) ? undefined : 'must be a whole number of days, 0 to 1000';

/** Turns a check that throws into one that says: the cure on a line of its own. */
export function problemOf<T>(check: (value: T) => unknown): (value: T) => string | undefined {
  return (value) => {
    try {
      check(value);
      return undefined;
    } catch (error) {
      if (!(error instanceof DctError || error instanceof HttpError)) throw error;
      return `cannot be used: ${error.message}${error.cure === undefined ? '' : `\n${whatToDo(error.cure)}`}`;
    }
  };
}
