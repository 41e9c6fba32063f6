import { DctError } from '../../../src/error';
import { explain, whatToDo } from '../../../src/provider/errors/explain';
import { parseImportId } from '../../../src/provider/attributes/import-id';

describe('explain', () => {
  it.each([
    ['the repository is gone', 'The repository is gone'],
    ['localhost:5000/a has no trust data', 'localhost:5000/a has no trust data'],
    ['alice is not a signer', 'alice is not a signer'],
    ['therapy is no opening', 'therapy is no opening'],
    ['GET https://dtr/v2/: it was refused.', 'GET https://dtr/v2/: it was refused'],
  ])('gives %j its title', (message, summary) => {
    expect(explain(new DctError('code', message))?.summary).toBe(summary);
  });

  it('puts cure and code below, and leaves other errors alone', () => {
    const error = new DctError('a_code', 'one\ntwo', { cure: 'try three', attribute: ['x'] });
    expect(explain(error)).toEqual({ summary: 'one', detail: 'two\nWhat to do: Try three.\n(a_code)', path: ['x'] });
    expect(explain(new Error('one'))).toBeUndefined();
  });
});

describe('whatToDo', () => {
  it.each([
    ['set password', 'Set password.'],
    ['Try again; if it stays so, look at the proxy.', 'Try again; if it stays so, look at the proxy.'],
    ['give a key (P-256)', 'Give a key (P-256)'],
    ['add the root (with its chain)', 'Add the root (with its chain).'],
    ['docker trust key load --name bob key.pem', 'docker trust key load --name bob key.pem'],
    ['take it from: openssl x509 -in ca.pem -noout -sha256', 'Take it from: openssl x509 -in ca.pem -noout -sha256'],
    ['adopt_existing = true', 'adopt_existing = true'],
  ])('makes a line of %j', (cure, line) => {
    expect(whatToDo(cure)).toBe(`What to do: ${line}`);
  });
});

describe('parseImportId', () => {
  it('says what it has to look like', () => {
    expect(() => parseImportId('x', /^(.+)#(.+)$/, '<gun>#<signer>')).toThrow('"x" is not of the form <gun>#<signer>');
    expect(parseImportId('a#b', /^(.+)#(.+)$/, '<gun>#<signer>')).toEqual(['a', 'b']);
  });
});
