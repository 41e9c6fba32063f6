import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HttpClient, serverMessage } from '../../src/http';
import { readClientBundle, UcpClient } from '../../src/ucp';
import type { Sandbox, SandboxCluster } from '../../src/sandbox';

/** What each cluster is to say of an image; undefined: it runs it. */
interface Expectation {
  readonly cluster: string;
  readonly image: string;
  readonly refusal: RegExp | undefined;
}

/** Tries to create a service of each image on each cluster, prints a table, and throws if an outcome is not the expected one. */
export async function showAdmission(sandbox: Sandbox): Promise<void> {
  const registry = sandbox.registry.hostAddress;
  const expected: Expectation[] = [
    { cluster: 'cluster2', image: `${registry}/admin/trustdemo:1`, refusal: undefined },
    { cluster: 'cluster3', image: `${registry}/admin/trustdemo:1`, refusal: undefined },
    { cluster: 'cluster2', image: `${registry}/admin/trustdemo:2`, refusal: undefined },
    {
      cluster: 'cluster3',
      image: `${registry}/admin/trustdemo:2`,
      refusal: /image did not meet required signing policy/,
    },
    { cluster: 'cluster2', image: `${registry}/admin/unsigned:1`, refusal: /image or trust data does not exist for / },
    { cluster: 'cluster4', image: `${registry}/admin/trustdemo:1`, refusal: /must be a registered trusted registry/ },
  ];
  const rows = [['IMAGE', 'CLUSTER', 'OUTCOME']];
  const wrong: string[] = [];
  for (const { cluster, image, refusal } of expected) {
    const said = await createService(clusterOf(sandbox, cluster), image);
    rows.push([image, cluster, said ?? 'admitted']);
    const right = refusal === undefined ? said === undefined : said !== undefined && refusal.test(said);
    if (!right) wrong.push(`${cluster} said of ${image}: ${said ?? 'admitted'}`);
  }
  printTable(rows);
  if (wrong.length > 0) throw new Error(`These outcomes are not the expected ones:\n${wrong.join('\n')}`);
}

/** An administrator takes the required teams out of cluster2's policy, by hand. */
export async function loosenPolicy(sandbox: Sandbox): Promise<void> {
  const cluster = clusterOf(sandbox, 'cluster2');
  const bundle = await readClientBundle(cluster.clientBundle);
  const ucp = new UcpClient({
    name: cluster.name,
    endpoint: cluster.endpoint,
    caBundle: bundle.caBundle,
    clientCertificate: bundle,
  });
  try {
    await ucp.setTrustPolicy({ ...(await ucp.trustPolicy()), requireSignatureFrom: [] });
  } finally {
    await ucp.close();
  }
}

function clusterOf(sandbox: Sandbox, name: string): SandboxCluster {
  const cluster = sandbox.clusters.find((each) => each.name === name);
  if (cluster === undefined) throw new Error(`The sandbox has no ${name}`);
  return cluster;
}

/** What the cluster refused it with; undefined: the service was created. */
async function createService({ endpoint, clientBundle }: SandboxCluster, image: string): Promise<string | undefined> {
  const pem = (name: string): string => readFileSync(join(clientBundle, name), 'utf8');
  const clientCertificate = { certificate: pem('cert.pem'), privateKey: pem('key.pem') };
  const http = new HttpClient({ url: endpoint, caBundle: pem('ca.pem'), clientCertificate });
  try {
    const response = await http.request({
      method: 'POST',
      path: '/services/create',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ TaskTemplate: { ContainerSpec: { Image: image } } }),
    });
    return response.status === 201 ? undefined : serverMessage(response);
  } finally {
    await http.close();
  }
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const [image = '', cluster = '', outcome = ''] of rows) {
    console.log(
      `   ${image.padEnd(widths[0] ?? 0)}  ${cluster.padEnd(widths[1] ?? 0)}  ${outcome.split('\n').at(-1) ?? ''}`,
    );
  }
}
