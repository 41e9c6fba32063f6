import {
  checkHostAddress,
  checkSigner,
  checkTag,
  isDelegationName,
  normaliseRepository,
  parentRole,
  signerRole,
  splitGun,
} from '../../../src/notary/documents';
import { failing, wordsOf } from '../failing';

const HOST = 'dtr.example.com:4443';
function expectRefusal(run: () => unknown, code: string, words: readonly string[] = []): void {
  const error = failing(run);
  expect(error?.code).toBe(code);
  for (const word of words) expect(wordsOf(error)).toContain(word);
}

describe('when a repository is named', () => {
  it.each([
    ['admin/trustdemo', 'dtr.example.com:4443/admin/trustdemo'],
    ['dtr.example.com:4443/admin/trustdemo', 'dtr.example.com:4443/admin/trustdemo'],
    ['a', 'dtr.example.com:4443/a'],
    ['a-b--c/d__e.f_g/h', 'dtr.example.com:4443/a-b--c/d__e.f_g/h'],
  ])('%s is %s', (given, gun) => {
    expect(normaliseRepository(given, HOST)).toBe(gun);
  });

  it('takes localhost and IPv6', () => {
    expect(normaliseRepository('localhost:5000/a/b', 'localhost:5000')).toBe('localhost:5000/a/b');
    expect(normaliseRepository('a/b', '[::1]:5000')).toBe('[::1]:5000/a/b');
  });

  it.each([
    ['Admin/TrustDemo', 'invalid_repository', 'capitals', 'admin/trustdemo'],
    ['admin/trustdemo:v1', 'invalid_repository', 'tag'],
    [`admin/trustdemo@sha256:${'a'.repeat(64)}`, 'invalid_repository', 'digest'],
    ['https://dtr.example.com:4443/a/b', 'invalid_repository', 'scheme'],
    ['other.example.com/a/b', 'wrong_registry', 'other.example.com', 'dtr.example.com:4443'],
    ['localhost/a/b', 'wrong_registry', 'localhost'],
    ['DTR.example.com/a/b', 'wrong_registry', 'DTR.example.com'],
    ['dtr.example.com:4443/', 'invalid_repository'],
    ['', 'invalid_repository'],
    ['/', 'invalid_repository'],
    ['a//b', 'invalid_repository'],
    ['a/', 'invalid_repository'],
    ['/a', 'invalid_repository'],
    ['a/../b', 'invalid_repository'],
    ['-a/b', 'invalid_repository'],
    ['a___b', 'invalid_repository'],
    ['a b', 'invalid_repository'],
    ['a/b\n', 'invalid_repository'],
    ['ä/b', 'invalid_repository'],
    ['a/b%2f', 'invalid_repository'],
    [`a/${'b'.repeat(254)}`, 'invalid_repository', '255'],
  ])('%p is refused with %s', (given, code, ...words) => {
    expectRefusal(() => normaliseRepository(given, HOST), code, words);
  });

  it('is split again', () => {
    expect(splitGun('h:1/a/b')).toEqual({ hostAddress: 'h:1', repository: 'a/b' });
    expectRefusal(() => splitGun('x'), 'invalid_repository');
  });
});

describe('when a registry address is given', () => {
  it.each(['dtr', 'dtr.example.com', '10.0.0.7:443', 'a-b.c:1', '[2001:db8::1]', '[::1]:65535'])(
    '%s is taken',
    (host) => {
      expect(() => checkHostAddress(host)).not.toThrow();
    },
  );

  it.each([
    ['https://dtr.example.com', 'scheme', '"dtr.example.com"'],
    ['HTTP://x/y', 'scheme', '"x"'],
    ['dtr.example.com/', 'slash', '"dtr.example.com"'],
    ['dtr.example.com/a', 'slash'],
    ['DTR.example.com', 'capitals', '"dtr.example.com"'],
    ['', 'host name'],
    ['a b', 'host name'],
    ['-a', 'host name'],
    ['a..b', 'host name'],
    ['a:', 'host name'],
    ['a:0', 'host name'],
    ['a:65536', 'host name'],
    ['a:99999', 'host name'],
    ['user@host', 'host name'],
    ['::1', 'host name'],
    ['a\n', 'host name'],
  ])('%p is refused', (host, ...words) => {
    expectRefusal(() => checkHostAddress(host), 'invalid_host_address', words);
  });
});

describe('when a signer is named', () => {
  it.each(['alice', 'a', '0', 'cluster2admin', 'a_b-c'])('%s is taken', (name) => {
    expect(signerRole(name)).toBe(`targets/${name}`);
  });

  it.each([
    ['John.Doe', 'UCP', '"john-doe"'],
    ['releases', 'releases'],
    ['', 'lower-case'],
    ['_a', '"a"'],
    ['-a', '"a"'],
    ['a/b', '"a-b"'],
    ['a b', '"a-b"'],
    ['Ä', 'lower-case'],
    ['a\n', '"a"'],
    ['a'.repeat(250), 'lower-case'],
  ])('%p is refused and another one proposed', (name, ...words) => {
    expectRefusal(() => checkSigner(name), 'invalid_signer', words);
  });
});

describe('when a tag is named', () => {
  it.each(['v1', '_', 'A.b-c_9', 'a'.repeat(128)])('%s is taken', (tag) => {
    expect(() => checkTag(tag)).not.toThrow();
  });

  it.each(['', '.a', '-a', 'a/b', 'a:b', 'a b', 'ä', 'a'.repeat(129), 'a\n'])('%p is refused', (tag) => {
    expectRefusal(() => checkTag(tag), 'invalid_tag');
  });
});

describe('when a delegation role is named', () => {
  it.each(['targets/a', 'targets/releases', 'targets/a/b', 'targets/-_9'])('%s is one', (role) => {
    expect(isDelegationName(role)).toBe(true);
  });

  it.each([
    'targets',
    'targets/',
    'targets//a',
    'targets/a/',
    'targets/A',
    'targets/a.b',
    'root',
    'targets/../a',
    'targets/*',
    `targets/${'a'.repeat(248)}`,
    'targets/a\n',
  ])('%p is none', (role) => {
    expect(isDelegationName(role)).toBe(false);
  });

  it('is declared by its parent', () => {
    expect(parentRole('targets/a')).toBe('targets');
    expect(parentRole('targets/a/b')).toBe('targets/a');
  });
});
