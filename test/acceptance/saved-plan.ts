import { type Entry, openPromise } from 'yauzl';
import { parseStateFile, type StateFile } from './state-file';

export type { StateFile } from './state-file';

/** The files of a saved plan, which is a zip, by name. */
export async function entriesOf(path: string): Promise<ReadonlyMap<string, string>> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false });
  const entries: Entry[] = [];
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.once('end', resolve);
    zip.once('error', reject);
    zip.readEntry();
  });
  const texts = new Map<string, string>();
  for (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    texts.set(entry.fileName, Buffer.concat(chunks).toString('latin1'));
  }
  zip.close();
  return texts;
}

/** The state before a plan and as the plan found it: a refresh-only plan is empty when they are the same. */
export async function statesIn(path: string): Promise<{ readonly before: StateFile; readonly found: StateFile }> {
  const entries = await entriesOf(path);
  const state = (name: string): StateFile =>
    parseStateFile(Buffer.from(entries.get(name) ?? '', 'latin1').toString('utf8'));
  return { before: state('tfstate-prev'), found: state('tfstate') };
}
