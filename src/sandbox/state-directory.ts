import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { systemCode } from '../error';

/** What a part of the sandbox keeps between runs: named files below one folder, each written whole or not at all. */
export class StateDirectory {
  constructor(readonly path: string) {}

  /** A part of this directory, for a part of the sandbox. */
  below(name: string): StateDirectory {
    return new StateDirectory(join(this.path, name));
  }

  file(name: string): string {
    return join(this.path, name);
  }

  async read(name: string): Promise<Buffer | undefined> {
    try {
      return await readFile(this.file(name));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async readJson(name: string): Promise<unknown> {
    const bytes = await this.read(name);
    return bytes === undefined ? undefined : JSON.parse(bytes.toString('utf8'));
  }

  /** Writes a file of mode 0600 and returns its path. */
  async write(name: string, content: string | Buffer): Promise<string> {
    const file = this.file(name);
    await mkdir(dirname(file), { recursive: true });
    await writeFileAtomic(file, content, { mode: 0o600, fsync: false });
    return file;
  }

  async writeJson(name: string, value: unknown): Promise<string> {
    return this.write(name, `${JSON.stringify(value, null, 1)}\n`);
  }

  /** Adds a line of JSON to a journal. Begins a new line first, so that half a line of a killed run stays alone. */
  async append(name: string, value: unknown): Promise<void> {
    const file = this.file(name);
    await mkdir(dirname(file), { recursive: true });
    await appendFile(file, `\n${JSON.stringify(value)}`, { mode: 0o600 });
  }

  /** The lines of a journal, without those that were never finished. */
  async readJournal(name: string): Promise<unknown[]> {
    const lines = (await this.read(name))?.toString('utf8').split('\n') ?? [];
    return lines.flatMap((line): unknown[] => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });
  }

  async remove(name: string): Promise<void> {
    await rm(this.file(name), { recursive: true, force: true });
  }
}
