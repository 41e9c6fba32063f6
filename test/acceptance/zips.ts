import { writeFile } from 'node:fs/promises';
import { ZipFile } from 'yazl';

/** A zip with an entry `../cert.pem`. No zip library writes such a name: it is put in afterwards. */
export async function hostileZip(path: string): Promise<void> {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from('not a certificate'), 'xx/cert.pem');
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('latin1').replaceAll('xx/cert.pem', '../cert.pem');
  await writeFile(path, Buffer.from(text, 'latin1'));
}
