import { randomBytes } from 'node:crypto';
import type { StateDirectory } from './state-directory';
import { releaseTeam } from './topology-file';
import { type UcpCluster, writeClientBundle, zipClientBundle } from './ucp';

/**
 * The people of a new cluster: `admin`; `<cluster>admin`, who administers and is in the teams release and qa; and
 * `<cluster>dev`, in qa only.
 */
export async function addDemoAccounts(ucp: UcpCluster): Promise<void> {
  const { accounts, name } = ucp;
  const password = (): string => randomBytes(12).toString('base64url');
  accounts.add({ name: 'admin', isAdmin: true, password: password() });
  const operator = accounts.add({ name: `${name}admin`, isAdmin: true, password: password() });
  const developer = accounts.add({ name: `${name}dev`, password: password() });
  const organisation = accounts.add({ name: releaseTeam.organisation, isOrg: true });
  accounts.setMember(accounts.addTeam(organisation, releaseTeam.name), operator);
  const qa = accounts.addTeam(organisation, 'qa');
  accounts.setMember(qa, operator);
  accounts.setMember(qa, developer);
  await ucp.save();
}

/**
 * Client bundles as folder and zip: `<cluster>` of the operator, `<cluster>dev` of the developer. Keys that are there
 * already stay; only what names the cluster's address is written anew.
 */
export async function writeBundles(ucp: UcpCluster, bundles: StateDirectory): Promise<void> {
  const owners = { [ucp.name]: `${ucp.name}admin`, [`${ucp.name}dev`]: `${ucp.name}dev` };
  for (const [folder, user] of Object.entries(owners)) {
    if (ucp.accounts.find(user) === undefined) continue;
    const directory = bundles.below(folder);
    const [certificate, privateKey] = [await directory.read('cert.pem'), await directory.read('key.pem')];
    const files =
      certificate === undefined || privateKey === undefined
        ? await ucp.issueBundle(user, 'sandbox')
        : ucp.bundleWith(user, { certificate: certificate.toString(), privateKey: privateKey.toString() });
    await writeClientBundle(directory, files);
    await bundles.write(`${folder}.zip`, await zipClientBundle(files));
  }
}
