import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A provider of a stack with its one exact version; `h1` is left out where only `terraform init` can know it. */
export interface LockedProvider {
  readonly source: string;
  readonly version: string;
  readonly h1?: string;
}

/**
 * Writes the providers' entries into `.terraform.lock.hcl` of a stack's folder. Without them the cdktf CLI runs
 * `terraform providers lock`, which asks a registry for every provider and fails on ours. An entry without hashes is
 * accepted and filled in by `terraform init`. Entries of other providers, and hashes of the same version, are kept.
 */
export function writeLockEntries(directory: string, providers: readonly LockedProvider[]): void {
  const file = join(directory, '.terraform.lock.hcl');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const entries = new Map([...before.matchAll(ENTRY)].map((match) => [match[1] ?? '', match[0]]));
  for (const provider of providers) {
    const known = entries.get(provider.source);
    if (known === undefined || provider.h1 !== undefined || !known.includes(`version     = "${provider.version}"`)) {
      entries.set(provider.source, entry(provider));
    }
  }
  const after = [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  writeFileSync(file, [HEADER, ...after].join('\n'));
}

const HEADER = '# This file is maintained automatically by "terraform init".\n';
const ENTRY = /^provider "([^"]+)" \{\n[\s\S]*?^\}\n/gm;

function entry({ source, version, h1 }: LockedProvider): string {
  const lines = [`  version     = "${version}"`, `  constraints = "${version}"`];
  if (h1 !== undefined) lines.push('  hashes = [', `    "${h1}",`, '  ]');
  return `provider "${source}" {\n${lines.join('\n')}\n}\n`;
}
