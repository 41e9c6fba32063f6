import type { HttpResponse } from '../../../src/http';
import { fetchNewest } from '../../../src/notary/repository/fetch-file';
import { Session } from '../../../src/notary/repository/session';

/** What a notary-server with a database gives out of a file that its timestamp does not lead to: each version by its number. */
function holding(versions: readonly number[]): { session: Session; asked: string[] } {
  const asked: string[] = [];
  const transport = {
    host: 'dtr.test',
    request: ({ path }: { path: string }): Promise<HttpResponse> => {
      const file = path.slice(path.lastIndexOf('/') + 1);
      asked.push(file);
      const version = /^(\d+)\.targets\.json$/.exec(file)?.[1];
      const found = versions.includes(Number(version));
      const body = found ? `version ${version}` : '{"errors":[{"code":"METADATA_NOT_FOUND"}]}';
      const bytes = Buffer.from(body);
      return Promise.resolve({
        status: found ? 200 : 404,
        headers: {},
        bytes,
        request: `GET https://dtr.test${path}`,
        host: 'dtr.test',
        text: () => body,
        json: () => JSON.parse(body) as unknown,
      });
    },
  };
  return { session: new Session('dtr.test/admin/demo', transport, undefined), asked };
}

const upTo = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, n) => n + first);

describe('when a server gives out a file by its versions only', () => {
  test.each([
    ['nothing', [], undefined],
    ['the first', [1], 1],
    ['the first, made by docker', [2], 2],
    ['two, begun by docker', [2, 3], 3],
    ['many', upTo(1, 200), 200],
    ['many, begun by docker', upTo(2, 129), 129],
  ])('the newest of %s is found', async (_, versions, newest) => {
    const { session, asked } = holding(versions);
    const bytes = await fetchNewest(session, 'targets', { actions: 'pull', cache: new Map() });
    expect(bytes?.toString()).toBe(newest === undefined ? undefined : `version ${newest}`);
    expect(asked.length).toBeLessThan(20);
  });
});
