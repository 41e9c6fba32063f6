import { createPrivateKey, createPublicKey } from 'node:crypto';
import { testAuthority } from '../support/certificates';

/** PEM of an authority, a signer's certificate as a client bundle has it, and its public and private key. */
export async function people() {
  const authority = await testAuthority('DTR CA');
  const issue = async (commonName: string) => {
    const { certificate, privateKey } = await authority.issue({ commonName, usage: 'client' });
    const publicKey = createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'pem' }).toString();
    return { certificate, privateKey, publicKey };
  };
  return { ca: authority.certificate, alice: await issue('alice'), bob: await issue('bob') };
}
