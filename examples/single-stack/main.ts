import { readFileSync } from 'node:fs';
import { App, TerraformStack } from 'cdktf';
import { TrustTopology } from 'cdktf-dct';

const app = new App();
const stack = new TerraformStack(app, 'trust');
const read = (file: string) => readFileSync(file, 'utf8');

new TrustTopology(stack, 'trust', {
  registry: { hostAddress: 'dtr.example.com', caBundle: read('ca.pem'), username: 'admin' },
  clusters: {
    cluster2: {
      clientBundlePath: 'bundles/cluster2',
      signers: {
        cluster2admin: {
          publicKeys: [read('bundles/cluster2/cert.pem')],
          privateKeyPath: 'bundles/cluster2/key.pem',
        },
      },
      enforce: { requireSignatureFrom: ['docker-datacenter/release'] },
      mustAdmit: ['dtr.example.com/admin/trustdemo:1'],
    },
  },
  repositories: {
    'admin/trustdemo': {
      signers: ['cluster2/cluster2admin'],
      tags: {
        '1': {
          digest: 'sha256:0000000000000000000000000000000000000000000000000000000000000000',
          signedBy: ['cluster2/cluster2admin'],
        },
      },
    },
  },
  // Only to try it: a root key that matters is made once, on a machine you keep, and backed up.
  trustStore: { directory: 'trust', createRootKey: true },
});

app.synth();
