import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authority } from '../../../src/sandbox/authority';
import { systemClock } from '../../../src/sandbox/clock';
import { Endpoint } from '../../../src/sandbox/endpoint';
import { NotaryServer } from '../../../src/sandbox/notary';
import { makeRootKey } from '../../contract/handmade';
import { HandmadeRepository } from '../../contract/repository';
import type { NotaryUnderTest } from '../../contract/wire';
import { createAuthority } from '../../interop/pki';
import { describeInterop } from '../../interop/programs';
import { startNotaryServer } from '../../interop/servers';
import { type Outcome, type Scenario, scenarios } from './scenarios';

const gunHost = 'dtr.test';

describeInterop("the sandbox's Notary answers as the real one", () => {
  let real: NotaryUnderTest;
  let own: NotaryUnderTest;
  let made = 0;

  beforeAll(async () => {
    [real, own] = [await startReal(), await startOwn()];
  });
  afterAll(async () => {
    await real.close();
    await own.close();
  });

  test.each(scenarios)('%s', async (_name, scenario) => {
    const name = `compared/repository${made++}`;
    const [expected, actual] = await Promise.all([outcome(real, name, scenario), outcome(own, name, scenario)]);
    expect(actual).toEqual(expected);
  });

  test.each([
    ['targets only', (r: HandmadeRepository) => ({ targets: r.targets(1) })],
    ['root only', (r: HandmadeRepository) => ({ root: r.root(1) })],
    ['root version 2 at first', (r: HandmadeRepository) => ({ root: r.root(2), targets: r.targets(1) })],
    ['root version 3 at first', (r: HandmadeRepository) => ({ root: r.root(3), targets: r.targets(1) })],
    ['targets version 4 at first', (r: HandmadeRepository) => ({ root: r.root(1), targets: r.targets(4) })],
    ['nothing', () => ({})],
    ['a timestamp only', (r: HandmadeRepository) => ({ timestamp: r.targets(1) })],
  ])('a new repository with %s', async (_name, make) => {
    const name = `compared/repository${made++}`;
    const first = async (server: NotaryUnderTest): Promise<Outcome> => {
      const repository = await HandmadeRepository.prepare(server, name);
      const reply = await repository.publish(make(repository));
      return comparable([reply.status, reply.body]);
    };
    expect(await first(own)).toEqual(await first(real));
  });

  test.each([
    ['of another GUN', 'elsewhere', {}],
    ['of a GUN prefix with *', `${gunHost}/compared/*`, {}],
    ['expired', undefined, { notAfter: new Date(Date.now() - 60_000) }],
  ])('a root certificate %s', async (_name, commonName, validity) => {
    const name = `compared/repository${made++}`;
    const first = async (server: NotaryUnderTest): Promise<Outcome> => {
      const repository = await HandmadeRepository.prepare(server, name);
      Object.assign(repository, { rootKey: await makeRootKey(commonName ?? repository.gun, validity) });
      const reply = await repository.publish({ root: repository.root(1), targets: repository.targets(1) });
      return comparable([reply.status, reply.body]);
    };
    expect(await first(own)).toEqual(await first(real));
  });

  test('a root rotated to another certificate', async () => {
    const name = `compared/repository${made++}`;
    const run = async (server: NotaryUnderTest): Promise<Outcome> => {
      const repository = await HandmadeRepository.create(server, name);
      const [old, next] = [repository.rootKey, await makeRootKey(repository.gun)];
      Object.assign(repository, { rootKey: next });
      const outcomes: unknown[] = [];
      for (const keys of [[next], [old], [old, next]]) {
        const reply = await repository.publish({ root: repository.root(2, { keys }) });
        outcomes.push(reply.status, reply.body);
      }
      const later = await repository.publish({
        root: repository.root(3, { keys: [next] }),
        targets: repository.targets(2),
      });
      return comparable([...outcomes, later.status, later.body]);
    };
    expect(await run(own)).toEqual(await run(real));
  });

  async function startReal(): Promise<NotaryUnderTest> {
    const directory = await mkdtemp(join(tmpdir(), 'dct-compare-'));
    const authority = await createAuthority();
    const server = await startNotaryServer({ directory, authority, signing: 'remote' });
    return {
      url: `https://localhost:${server.port}`,
      caBundle: authority.caBundle,
      hostAddress: gunHost,
      close: async () => {
        await server.close();
        await rm(directory, { recursive: true, force: true });
      },
    };
  }

  async function startOwn(): Promise<NotaryUnderTest> {
    const authority = await Authority.create('test CA');
    const notary = await NotaryServer.open({ clock: systemClock });
    const endpoint = await Endpoint.start({ tls: await authority.issueServer(), routes: notary.routes });
    return {
      url: endpoint.origin,
      caBundle: authority.certificate,
      hostAddress: gunHost,
      close: () => endpoint.close(),
    };
  }
});

async function outcome(server: NotaryUnderTest, name: string, scenario: Scenario): Promise<Outcome> {
  return comparable(await scenario(await HandmadeRepository.create(server, name)));
}

/** Keys, signatures and times differ from run to run; everything else has to be equal. */
function comparable(outcomes: Outcome): Outcome {
  return outcomes.map((item) =>
    typeof item !== 'string'
      ? item
      : item
          .replace(/[0-9a-f]{64}/g, '<hex>')
          .replace(/[A-Za-z0-9+/]{40,}={0,2}/g, '<base64>')
          .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?/g, '<time>')
          .trimEnd(),
  );
}
