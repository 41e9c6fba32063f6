import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

const packageSchema = v.object({ version: v.string() });

/** The version of the package this file is part of. */
export function packageVersion(): string {
  const text = readFileSync(join(__dirname, '../../package.json'), 'utf8');
  return v.parse(packageSchema, JSON.parse(text)).version;
}
