import { PrivateKey } from '../../../src/notary/keys';
import { dockerPassphrases, TrustStore } from '../../../src/notary/trust-store';

// `keeper <folder> <count>`: makes or finds the root key of a store and keeps that many new keys; says the ID of each.
// Passphrases as docker has them.

async function keep(directory: string, count: number): Promise<void> {
  const store = new TrustStore({ directory, passphrase: dockerPassphrases(process.env) });
  const ids = [(await store.rootKey({ create: true })).canonicalId];
  for (let made = 0; made < count; made++) {
    const key = PrivateKey.generate();
    await store.add(key, { role: 'targets', gun: 'dtr.test/admin/demo' });
    ids.push(key.canonicalId);
  }
  process.stdout.write(`${ids.join('\n')}\n`);
}

const [directory = '', count = '0'] = process.argv.slice(2);
keep(directory, Number(count)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
