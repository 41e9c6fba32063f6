import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { DctError } from '../../error';

const needed = ['notary-server', 'notary-signer'] as const;
export type NotaryProgram = (typeof needed)[number];

/** Where the real programs are. @throws DctError `program_missing`, naming all that are not on PATH */
export function findPrograms(path = process.env['PATH'] ?? ''): Readonly<Record<NotaryProgram, string>> {
  const [server, signer] = needed.map((name) => find(name, path));
  if (server !== undefined && signer !== undefined) return { 'notary-server': server, 'notary-signer': signer };
  const missing = needed.filter((_, index) => [server, signer][index] === undefined);
  throw new DctError('program_missing', `a real Notary needs ${missing.join(' and ')}, not found on PATH`, {
    cure: 'Install notary 0.7 (Debian and Ubuntu: apt-get install notary), or use the embedded one: --notary embedded.',
  });
}

function find(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
