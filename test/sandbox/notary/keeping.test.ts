import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authority } from '../../../src/sandbox/authority';
import { Endpoint } from '../../../src/sandbox/endpoint';
import { NotaryServer } from '../../../src/sandbox/notary';
import { StateDirectory } from '../../../src/sandbox/state-directory';
import { delegations, HandmadeRepository } from '../../contract/repository';
import { inDays, type Json, makeKey } from '../../contract/handmade';
import type { NotaryUnderTest } from '../../contract/wire';

const day = 86_400_000;
let directory: string;
let now: Date;
let authority: Authority;
let running: NotaryUnderTest & { readonly notary: NotaryServer };

async function start(): Promise<typeof running> {
  const notary = await NotaryServer.open({ clock: { now: () => now }, directory: new StateDirectory(directory) });
  const endpoint = await Endpoint.start({ tls: await authority.issueServer(), routes: notary.routes });
  return {
    notary,
    url: endpoint.origin,
    caBundle: authority.certificate,
    hostAddress: 'dtr.test',
    close: () => endpoint.close(),
  };
}

beforeEach(async () => {
  now = new Date();
  directory = await mkdtemp(join(tmpdir(), 'dct-notary-'));
  authority = await Authority.create('test CA');
  running = await start();
});
afterEach(async () => {
  await running.close();
  await rm(directory, { recursive: true, force: true });
});

describe('when the server starts again on its directory', () => {
  it('has the files, their hashes and its keys still', async () => {
    const repository = await HandmadeRepository.create(running, 'admin/demo');
    const before = await Promise.all(
      ['root.json', 'timestamp.json', '1.root.json'].map((path) => repository.get(path)),
    );
    await running.close();
    running = await start();
    Object.assign(repository, { server: running });
    const after = await Promise.all(['root.json', 'timestamp.json', '1.root.json'].map((path) => repository.get(path)));
    expect(after.map(({ body }) => body)).toEqual(before.map(({ body }) => body));
    expect((await repository.publish({ targets: repository.targets(2) })).status).toBe(200);
    expect(await repository.version('timestamp')).toBe(2);
  });
});

describe('when time passes', () => {
  it('signs the timestamp anew once it has run out', async () => {
    const repository = await HandmadeRepository.create(running, 'admin/demo');
    now = new Date(now.getTime() + 13 * day);
    expect(await repository.version('timestamp')).toBe(1);
    now = new Date(now.getTime() + 2 * day);
    expect([await repository.version('timestamp'), await repository.version('snapshot')]).toEqual([2, 1]);
  });

  it('signs the snapshot anew too, and it still leads to the files', async () => {
    const repository = await HandmadeRepository.create(running, 'admin/demo');
    const before = await repository.hashInForce('targets');
    now = new Date(now.getTime() + 1096 * day);
    expect(await repository.version('timestamp')).toBe(2);
    expect(await repository.version('snapshot')).toBe(2);
    expect(await repository.hashInForce('targets')).toBe(before);
  });

  it('takes nothing once the root certificate has run out', async () => {
    const repository = await HandmadeRepository.create(running, 'admin/demo');
    now = new Date(now.getTime() + 3660 * day);
    const reply = await repository.publish({ targets: repository.targets(2) });
    expect([reply.status, reply.error]).toEqual([400, ['INVALID_UPDATE', '']]);
  });
});

describe('when signed tags are asked for', () => {
  it('says what targets/releases has, then what targets has', async () => {
    const key = makeKey();
    const repository = await HandmadeRepository.create(running, 'admin/demo');
    const tag = (byte: number): Json => ({ hashes: { sha256: Buffer.alloc(32, byte).toString('base64') }, length: 1 });
    await repository.publish({
      targets: repository.targets(2, {
        change: { delegations: delegations({ releases: key }), targets: { a: tag(1), b: tag(2) } },
      }),
      'targets/releases': repository.targets(1, {
        keys: [key],
        change: { targets: { a: tag(3) }, expires: inDays(10) },
      }),
    });
    expect(Object.fromEntries(running.notary.signedTags(repository.gun))).toEqual({
      a: '03'.repeat(32),
      b: '02'.repeat(32),
    });
  });
});

describe('when the change feed is read', () => {
  it('lists publishes and deletions of one GUN', async () => {
    const repository = await HandmadeRepository.create(running, 'admin/demo');
    await HandmadeRepository.create(running, 'admin/other');
    await repository.publish({ targets: repository.targets(2) });
    await repository.send('DELETE', '');
    const { body } = await repository.get('../changefeed?records=10');
    expect(JSON.parse(body)).toMatchObject({
      count: 3,
      records: [
        { GUN: repository.gun, Version: 1, Category: 'update' },
        { GUN: repository.gun, Version: 2, Category: 'update' },
        { GUN: repository.gun, Category: 'deletion' },
      ],
    });
    expect((await repository.get('../changefeed?records=x')).status).toBe(400);
  });
});
