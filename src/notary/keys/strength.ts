import type { KeyObject as NodeKey } from 'node:crypto';

/** Coordinate bytes of the curves Go knows; a signature is two of them. */
const CURVE_BYTES: Readonly<Record<string, number>> = { secp224r1: 28, prime256v1: 32, secp384r1: 48, secp521r1: 66 };
const MIN_RSA_BITS = 2048;

/** What is wrong with a key for Notary: a reason to complete "the key …", or undefined. */
export function weakness(node: NodeKey): string | undefined {
  const details = node.asymmetricKeyDetails;
  switch (node.asymmetricKeyType) {
    case 'rsa': {
      const bits = details?.modulusLength ?? 0;
      if (bits < MIN_RSA_BITS) return `is an RSA key of ${bits} bits; Notary takes ${MIN_RSA_BITS} and more`;
      return (details?.publicExponent ?? 0n) < 2n ** 31n
        ? undefined
        : 'is an RSA key with an exponent that docker refuses';
    }
    case 'ec': {
      const curve = details?.namedCurve;
      if (curveBytes(node) !== undefined) return undefined;
      return `is on the curve ${curve ?? '(unnamed)'}; Notary takes P-256, P-384 and P-521`;
    }
    default:
      return `is of type ${node.asymmetricKeyType ?? 'unknown'}; Notary takes ECDSA and RSA`;
  }
}

/** Bytes of a coordinate on the key's curve, undefined for a curve Go does not know. */
export function curveBytes(node: NodeKey): number | undefined {
  return CURVE_BYTES[node.asymmetricKeyDetails?.namedCurve ?? ''];
}

/** Go reads EC points only uncompressed. */
export function isPlain(node: NodeKey): boolean {
  if (node.asymmetricKeyType !== 'ec') return true;
  const spki = node.export({ type: 'spki', format: 'der' });
  const point = spki.subarray(spki.length - 2 * (curveBytes(node) ?? 0) - 1);
  return point[0] === 0x04;
}
