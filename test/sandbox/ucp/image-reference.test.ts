import { parseImage } from '../../../src/sandbox/ucp/image-reference';

const digest = `sha256:${'a'.repeat(64)}`;

describe('when an image reference is read', () => {
  test.each([
    ['httpd', 'docker.io', 'library/httpd', 'latest', undefined, 'httpd:latest'],
    ['docker.io/library/httpd:2.4', 'docker.io', 'library/httpd', '2.4', undefined, 'httpd:2.4'],
    ['index.docker.io/me/app', 'docker.io', 'me/app', 'latest', undefined, 'me/app:latest'],
    ['me/app:1', 'docker.io', 'me/app', '1', undefined, 'me/app:1'],
    ['localhost/app', 'localhost', 'app', 'latest', undefined, 'localhost/app:latest'],
    ['dtr:444/app', 'dtr:444', 'app', 'latest', undefined, 'dtr:444/app:latest'],
    [
      'dtr.example.com/admin/trustdemo:1',
      'dtr.example.com',
      'admin/trustdemo',
      '1',
      undefined,
      'dtr.example.com/admin/trustdemo:1',
    ],
    [`dtr.example.com/a/b@${digest}`, 'dtr.example.com', 'a/b', undefined, digest, `dtr.example.com/a/b@${digest}`],
    [`dtr.example.com/a/b:1@${digest}`, 'dtr.example.com', 'a/b', '1', digest, 'dtr.example.com/a/b:1'],
  ])('%s is taken apart', (reference, host, repository, tag, wantedDigest, shown) => {
    expect(parseImage(reference)).toEqual({ host, repository, tag, digest: wantedDigest, shown });
  });

  test.each(['', 'Upper', 'a//b', 'a:b:c', 'a@sha256:12', 'https://a.b/c', 'a.b/c:', 'a.b/-c'])(
    '%j is no reference',
    (reference) => {
      expect(parseImage(reference)).toBeUndefined();
    },
  );
});
