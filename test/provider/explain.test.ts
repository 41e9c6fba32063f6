import { DctError } from '../../src/error';
import { explain } from '../../src/provider/explain';
import { parseImportId } from '../../src/provider/import';

describe('explain', () => {
  it.each([
    ['the repository is gone', 'The repository is gone'],
    ['localhost:5000/a has no trust data', 'localhost:5000/a has no trust data'],
    ['alice is not a signer', 'alice is not a signer'],
    ['therapy is no opening', 'therapy is no opening'],
  ])('gives %j its title', (message, summary) => {
    expect(explain(new DctError('code', message))?.summary).toBe(summary);
  });

  it('puts cure and code below, and leaves other errors alone', () => {
    const error = new DctError('a_code', 'one\ntwo', { cure: 'three', attribute: ['x'] });
    expect(explain(error)).toEqual({ summary: 'one', detail: 'two\nWhat to do: three\n(a_code)', path: ['x'] });
    expect(explain(new Error('one'))).toBeUndefined();
  });
});

describe('parseImportId', () => {
  it('says what it has to look like', () => {
    expect(() => parseImportId('x', /^(.+)#(.+)$/, '<gun>#<signer>')).toThrow('"x" is not of the form <gun>#<signer>');
    expect(parseImportId('a#b', /^(.+)#(.+)$/, '<gun>#<signer>')).toEqual(['a', 'b']);
  });
});
