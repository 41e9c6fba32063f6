import { addressProblem, fingerprintProblem, imageProblem, keyIdProblem } from '../../src/constructs/connections';
import {
  digestProblem,
  hostAddressProblem,
  repositoryProblem,
  signerProblem,
  tagProblem,
} from '../../src/constructs/names';
import * as provider from '../../src/provider/attributes/names';
import { checkHostAddress, checkSigner, checkTag, normaliseRepository } from '../../src/notary/documents';

const HOST = 'registry.example.com';

// Constructs and provider say the same rules in their own words; what one takes the other has to take.
const texts = [
  [
    'dtr.example.com',
    '10.0.0.7:4443',
    '[::1]:8443',
    'localhost',
    'a.b:0',
    'a.b:65536',
    'https://a.b',
    'a.b/',
    'A.b',
    '',
  ],
  [
    '-a',
    'a-',
    'a_b',
    'a..b',
    'admin/trustdemo',
    'admin/Trustdemo',
    'admin/a:1',
    'admin/a@sha256:00',
    'a__b/c',
    'a___b',
  ],
  [
    'alice',
    'John.Doe',
    'releases',
    'a'.repeat(247),
    'a'.repeat(248),
    '_a',
    'latest',
    '.a',
    '1.0',
    'v'.repeat(129),
    'ä',
  ],
  ['http://a/b', 'a//b', '/a', 'a/', 'a b', 'a/b/c/d'],
  ['https://a.b', 'https://a.b:4443/', 'http://a.b', 'https://a.b/c', 'https://u:p@a.b', 'https://a.b?c'],
  ['ab'.repeat(32), 'AB:'.repeat(31) + 'AB', `sha256:${'0a'.repeat(32)}`, 'ab'.repeat(31)],
  ['a.b/c/d:1', `a.b/c/d@sha256:${'0a'.repeat(32)}`, 'a.b/C:1', 'nginx', 'a.b/c:'],
].flat();

describe.each<[string, (text: string) => object | undefined, (text: string) => unknown]>([
  ['host address', hostAddressProblem, checkHostAddress],
  ['repository', (name) => repositoryProblem(name, HOST), (name) => normaliseRepository(name, HOST)],
  ['signer', signerProblem, checkSigner],
  ['tag', tagProblem, checkTag],
  ['server’s address', addressProblem, taken(provider.addressProblem)],
  ['fingerprint', fingerprintProblem, taken(provider.fingerprintProblem)],
  ['image', imageProblem, taken((image) => provider.imagesProblem([image]))],
  ['key ID', keyIdProblem, taken((id) => provider.rootKeyIdsProblem([id]))],
])('when a %s is checked at synth', (_, problem, check) => {
  it.each(texts)('agrees with the provider on %j', (text) => {
    expect(problem(text) === undefined).toBe(accepts(() => check(text)));
  });

  it('leaves what only Terraform knows to it', () => {
    expect(problem('${var.name}')).toBeUndefined();
  });
});

describe('when a digest is checked at synth', () => {
  it.each([
    [`sha256:${'0a'.repeat(32)}`, true],
    [`sha256:${'0A'.repeat(32)}`, false],
    [`sha256:${'0a'.repeat(31)}`, false],
    ['latest', false],
  ])('takes %s: %s', (digest, taken) => {
    expect(digestProblem(digest) === undefined).toBe(taken);
  });
});

/** What says a problem as what throws it. */
function taken(problem: (text: string) => string | undefined): (text: string) => void {
  return (text) => {
    const found = problem(text);
    if (found !== undefined) throw new Error(found);
  };
}

function accepts(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
