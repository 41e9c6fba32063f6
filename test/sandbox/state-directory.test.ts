import { appendFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StateDirectory } from '../../src/sandbox/state-directory';

let state: StateDirectory;

beforeEach(async () => {
  state = new StateDirectory(await mkdtemp(join(tmpdir(), 'dct-state-')));
});
afterEach(() => rm(state.path, { recursive: true, force: true }));

describe('when something is kept', () => {
  it('comes back, from a file only its owner reads', async () => {
    const file = await state.below('part').writeJson('a.json', { a: 1 });
    expect(await state.readJson('part/a.json')).toEqual({ a: 1 });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await state.remove('part');
    expect(await state.readJson('part/a.json')).toBeUndefined();
  });

  it('has every line of a journal but the one a killed run left half written', async () => {
    expect(await state.readJournal('log')).toEqual([]);
    await state.append('log', { n: 1 });
    await appendFile(state.file('log'), '\n{"n":');
    await state.append('log', { n: 3 });
    expect(await state.readJournal('log')).toEqual([{ n: 1 }, { n: 3 }]);
  });
});
