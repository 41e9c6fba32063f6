import { certificatesProblem, publicKeysProblem, signingKeyProblem } from '../../../src/provider/attributes/keys';
import { repositoryProblem } from '../../../src/provider/attributes/names';

describe('problems of values', () => {
  it.each([
    ['admin/trustdemo', undefined],
    ['dtr.example.com:4443/admin/trustdemo', undefined],
    ['localhost/admin/trustdemo', undefined],
    ['Admin/trustdemo', /capitals/],
    ['https://dtr.example.com/admin/trustdemo', /scheme/],
    ['admin/trustdemo@sha256:ab', /digest/],
  ])('of the repository %s', (repository, why) => {
    if (why === undefined) expect(repositoryProblem(repository)).toBeUndefined();
    else expect(repositoryProblem(repository)).toMatch(why);
  });

  it('of keys and certificates never quote them', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0c2VjcmV0c2VjcmV0\n-----END PRIVATE KEY-----\n';
    for (const problem of [signingKeyProblem(pem), publicKeysProblem([pem]), certificatesProblem(pem)]) {
      expect(problem).toBeDefined();
      expect(problem).not.toContain('c2VjcmV0');
    }
  });

  it('of no keys at all', () => {
    expect(publicKeysProblem([])).toBe('must hold at least one key');
  });
});
