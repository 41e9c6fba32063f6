import { PublicKey } from '../../notary';
import { string } from '../../plugin';
import { define } from '../define';

export const keyId = define.function({
  name: 'key_id',
  summary: 'Canonical key ID of a certificate or public key',
  description:
    'The ID by which docker names key files and `docker trust inspect` names signers’ keys: SHA-256 of the bare key. ' +
    'A renewed certificate over the same key has the same one.',
  parameters: [{ name: 'pem', type: string, description: 'One PEM certificate or public key.' }],
  returns: string,
  run: ({ pem }) => PublicKey.fromPem(pem, { label: 'pem' }).canonicalId,
});
