import { DctError } from '../../error';
import { canonicalText, escapeHtml, messageOf } from './canonical';
import { parseJson } from './json';
import type { Signature, TrustDocument } from './model';

/**
 * The bytes Go writes for a signed document: canonical JSON of `signed`, then Go's own escaping of `<`, `>` and `&`, then the
 * signatures. The server hashes its own serialisation of what it is sent, so anything else leaves the repository unreadable.
 * Throws `malformed_document` where Go could not write the document (control characters, numbers that are not integers).
 */
export function serialise(signed: TrustDocument, signatures: readonly Signature[]): Buffer {
  const list = signatures.map(({ keyid, method, sig }) => {
    return `{"keyid":${goString(keyid)},"method":${goString(method)},"sig":${goString(sig)}}`;
  });
  return Buffer.from(`{"signed":${escapeHtml(signedText(signed))},"signatures":[${list.join(',')}]}`, 'utf8');
}

/** What a signature of the document is made over: the canonical form that verifiers compute from the serialised file. */
export function signedBytes(signed: TrustDocument): Buffer {
  return messageOf(parseJson(signedText(signed), signed._type), signed._type);
}

function signedText(signed: TrustDocument): string {
  const text = canonicalText(signed);
  // eslint-disable-next-line no-control-regex -- that is what is looked for
  if (/[\u0000-\u001f]/.test(text)) {
    throw new DctError('malformed_document', `a name in the ${signed._type} document has a control character`);
  }
  return text;
}

function goString(text: string): string {
  return escapeHtml(JSON.stringify(text));
}
