import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { runCommand } from '../test/interop/docker';
import { ensureInteropPrograms } from '../test/interop/programs';
import { startTrustStack, type TrustStack } from '../test/interop/stack';
import { remoteSigner } from '../test/interop/variants';
import type { Print } from './print';
import { slowLink } from './slow-link';

const PROVIDER = resolve(__dirname, '../dist/provider');
const SOURCE = 'terraform.local/cdktf-dct/dct';
/** Signers in all, and repositories that they are spread over. */
const CASES = [
  [1, 1],
  [20, 1],
  [200, 1],
  [20, 20],
  [200, 20],
] as const;

interface Figures {
  readonly seconds: number;
  readonly requests: number;
  readonly publishes: number;
}

/** Adding signers to new repositories: one `terraform apply` of ours against a loop of `docker trust signer add`. */
export async function signers(print: Print): Promise<void> {
  ensureInteropPrograms();
  const stack = await startTrustStack(remoteSigner.options);
  try {
    print(
      'A real notary-server with notary-signer, as in a DTR. Ours is one `terraform apply -parallelism=50`, the start of',
    );
    print('Terraform included; docker’s is a loop of `docker trust signer add`. Counts are docker’s / ours.\n');
    print('| round trip | signers | repositories | docker, s | ours, s | docker / ours | requests | publishes |');
    print('|---|---|---|---|---|---|---|---|');
    for (const roundTrip of [0, 50]) {
      const link = await slowLink(stack.front.port, roundTrip);
      try {
        for (const [count, over] of CASES) {
          const run = `rtt${roundTrip}-${count}-${over}`;
          const host = `localhost:${link.port}`;
          const theirs = await withDocker(stack, host, run, count, over);
          const ours = await withTerraform(stack, host, run, count, over);
          const ratio = (theirs.seconds / ours.seconds).toFixed(1);
          const times = `${theirs.seconds.toFixed(1)} | ${ours.seconds.toFixed(1)} | ${ratio}`;
          const counts = `${counted(theirs.requests, ours.requests)} | ${counted(theirs.publishes, ours.publishes)}`;
          print(`| ${roundTrip} ms | ${count} | ${over} | ${times} | ${counts} |`);
        }
      } finally {
        await link.close();
      }
    }
  } finally {
    await stack.close();
  }
}

/** `1400 / 120 = 11.7` */
function counted(theirs: number, ours: number): string {
  return `${theirs} / ${ours} = ${(theirs / ours).toFixed(1)}`;
}

async function withDocker(stack: TrustStack, host: string, run: string, count: number, over: number): Promise<Figures> {
  const operator = await stack.operator(run);
  const keys = await publicKeys(join(stack.directory, run), count);
  return measured(stack, async () => {
    for (const [index, file] of keys.entries()) {
      const repository = `${host}/docker/${run}-${index % over}`;
      await operator.docker(['trust', 'signer', 'add', '--key', file, `signer${index}`, repository]);
    }
  });
}

async function withTerraform(
  stack: TrustStack,
  host: string,
  run: string,
  count: number,
  over: number,
): Promise<Figures> {
  const folder = join(stack.directory, `${run}-ours`);
  const keys = await publicKeys(folder, count);
  const pems = await Promise.all(keys.map((file) => readFile(file, 'utf8')));
  const signer = Object.fromEntries(pems.map((pem, index) => [`signer${index}`, { repository: index % over, pem }]));
  const configuration = {
    terraform: { required_providers: { dct: { source: SOURCE } } },
    provider: {
      dct: {
        registry: { host_address: host, ca_bundle: stack.authority.caBundle },
        trust_store: { directory: join(folder, 'trust'), create_root_key: true },
      },
    },
    resource: {
      dct_repository: { all: { count: over, name: `ours/${run}-\${count.index}` } },
      dct_signer_delegation: {
        all: {
          for_each: signer,
          repository: '${dct_repository.all[each.value.repository].gun}',
          signer: '${each.key}',
          public_keys: ['${each.value.pem}'],
        },
      },
    },
  };
  await writeFile(join(folder, 'main.tf.json'), JSON.stringify(configuration));
  const overrides = `provider_installation {\n  dev_overrides {\n    "${SOURCE}" = "${PROVIDER}"\n  }\n  direct {}\n}\n`;
  await writeFile(join(folder, 'terraform.rc'), overrides);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    CHECKPOINT_DISABLE: '1',
    TF_CLI_CONFIG_FILE: join(folder, 'terraform.rc'),
    DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE: 'root passphrase',
    DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE: 'repository passphrase',
  };
  const apply = [`-chdir=${folder}`, 'apply', '-auto-approve', '-parallelism=50'];
  return measured(stack, () => runCommand('terraform', apply, { env }));
}

async function publicKeys(folder: string, count: number): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const file = join(folder, `${index}.pem`);
      await writeFile(file, publicKey.export({ type: 'spki', format: 'pem' }));
      return file;
    }),
  );
}

async function measured({ front }: TrustStack, work: () => Promise<unknown>): Promise<Figures> {
  const before = front.requests.length;
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const requests = front.requests.slice(before);
  const publishes = requests.filter(({ method, path }) => method === 'POST' && /\/_trust\/tuf\/$/.test(path)).length;
  return { seconds, requests: requests.length, publishes };
}
