import { parseDocument, serialise, signedBytes } from '../../../src/notary/documents';
import { sampleFiles } from '../samples';

describe('when docker wrote the files', () => {
  const files = sampleFiles();

  it('finds the recorded ones', () => {
    expect(files.length).toBeGreaterThan(20);
  });

  it.each(files)('writes $name again byte for byte', ({ role, bytes }) => {
    const document = parseDocument(bytes, role);
    expect(serialise(document.signed, document.signatures).toString()).toBe(bytes.toString());
    expect(signedBytes(document.signed).toString()).toBe(document.message.toString());
  });
});
