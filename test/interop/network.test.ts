import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpClient } from '../../src/http';
import { PrivateKey, TrustRepository } from '../../src/notary';
import { describeCases } from './cases';
import { createOperator, type Operator } from './docker';
import { startEngine } from './engine';
import { startFront } from './front';
import { pushImage } from './images';
import { describeInOwnNetwork, type OwnNetwork, startOwnNetwork } from './network';
import { ourStore, rootOf } from './ours';
import { createAuthority } from './pki';
import { startDockerRegistry, startNotaryServer } from './servers';
import { pemOf, seenBy } from './stage';
import { remoteSigner } from './variants';

// docker skips TLS checks on loopback. Here the registry is a host with a name, on port 443 of an address that is not.

const host = 'dtr.example.com';

describeCases('docker and notary over a network that is not loopback', (testCase) => {
  describeInOwnNetwork('in a network namespace', () => {
    const closers: (() => Promise<void>)[] = [];
    let directory: string;
    let network: OwnNetwork;
    let caFile: string;
    let wrongCaFile: string;
    let people = 0;
    const gun = `${host}/admin/demo`;
    const alice = PrivateKey.generate();
    let digest: string;
    let repository: TrustRepository;
    let owner: Operator;

    /** Somebody whose docker trusts this CA for the host; undefined: none. */
    async function person(ca: string | undefined): Promise<Operator> {
      const own = join(directory, 'people', String(people++));
      const operator = await createOperator({
        directory: own,
        trustServer: `https://${host}`,
        caFile: ca ?? '/dev/null',
        engineSocket: join(directory, 'engine.sock'),
        through: network.through,
      });
      if (ca !== undefined) {
        for (const name of [host, `other.${host}`]) {
          await mkdir(join(operator.configDirectory, 'tls', name), { recursive: true });
          await copyFile(ca, join(operator.configDirectory, 'tls', name, 'ca.crt'));
        }
      }
      return operator;
    }

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'dct-network-'));
      closers.push(() => rm(directory, { recursive: true, force: true }));
      const [authority, other] = await Promise.all([createAuthority(), createAuthority()]);
      [caFile, wrongCaFile] = [join(directory, 'ca.pem'), join(directory, 'wrong-ca.pem')];
      await writeFile(caFile, authority.caBundle);
      await writeFile(wrongCaFile, other.caBundle);
      const notary = await startNotaryServer({
        directory: join(directory, 'notary'),
        authority,
        ...remoteSigner.options,
      });
      closers.push(notary.close);
      const registry = await startDockerRegistry(join(directory, 'registry'));
      closers.push(registry.close);
      const registryUrl = `http://127.0.0.1:${registry.port}`;
      const upstreams = {
        notary: `https://localhost:${notary.port}`,
        registry: registryUrl,
        caBundle: authority.caBundle,
      };
      // one host for them by its name, and for us by loopback
      const identity = await authority.issue([host, 'localhost']);
      const [theirs, ours] = [
        await startFront(identity, upstreams, join(directory, 'front.sock')),
        await startFront(identity, upstreams),
      ];
      closers.push(theirs.close, ours.close);
      const engine = await startEngine(join(directory, 'engine.sock'));
      closers.push(engine.close);
      network = await startOwnNetwork({
        directory,
        hosts: [host, `other.${host}`],
        socket: join(directory, 'front.sock'),
      });
      closers.push(network.close);

      owner = await person(caFile);
      const store = ourStore(owner);
      await store.add(alice, { role: 'alice' });
      const http = new HttpClient({ url: `https://localhost:${ours.port}`, caBundle: authority.caBundle });
      closers.push(() => http.close());
      repository = new TrustRepository(gun, { http, keys: store });
      await repository.initialise(rootOf(store));
      for (const tag of ['v1', 'v2'])
        engine.images.set(`${gun}:${tag}`, await pushImage(registryUrl, 'admin/demo', tag, tag));
      const image = engine.images.get(`${gun}:v1`)!;
      digest = image.sha256;
      await repository.change(async (draft) => {
        draft.addSigner('alice', [alice.publicKey]);
        await draft.signTag('alice', 'v1', image);
      });
    });
    afterAll(async () => {
      for (const close of closers.splice(0).reverse()) await close();
    });

    const server = remoteSigner.name;
    // without -D it would say the same of a repository that is not there
    const inspect = (operator: Operator, name = gun) => operator.docker(['-D', 'trust', 'inspect', name]);

    testCase(
      { what: 'with the right CA they read what we set up, sign on and add a signer, and we read that', server },
      async () => {
        const expected = { signers: { alice: [alice.canonicalId] }, tags: { v1: [digest, 'alice'] } };
        expect(await seenBy(await person(caFile), gun)).toEqual(expected);
        expect((await owner.notary(['delegation', 'list', gun])).stdout).toContain(alice.canonicalId);
        await owner.docker(['trust', 'sign', `${gun}:v2`]);
        const bob = PrivateKey.generate();
        const file = join(directory, 'bob.pem');
        await writeFile(file, pemOf(bob.publicKey));
        await owner.docker(['trust', 'signer', 'add', '--key', file, 'bob', gun]);
        const data = await repository.read();
        expect(data?.tags).toEqual(['v1', 'v2']);
        expect(data?.signer('bob')?.keys[0]?.canonicalId).toBe(bob.canonicalId);
      },
    );

    testCase({ what: 'with another CA they refuse the server', server }, async () => {
      const misled = await person(wrongCaFile);
      await expect(inspect(misled)).rejects.toThrow(/x509: certificate signed by unknown authority/);
      await expect(misled.notary(['delegation', 'list', gun])).rejects.toThrow(/x509: certificate signed by unknown/);
    });

    testCase({ what: 'without a CA docker refuses the server', server, theirs: ['docker'] }, async () => {
      const stranger = await person(undefined);
      await expect(inspect(stranger)).rejects.toThrow(/x509: certificate signed by unknown authority/);
    });

    testCase(
      {
        what: 'with the right CA docker refuses a host that the certificate does not name',
        server,
        theirs: ['docker'],
      },
      async () => {
        await expect(inspect(owner, `other.${gun}`)).rejects.toThrow(/x509: certificate is valid for dtr/);
      },
    );
  });
});
