import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainError } from '../../../src/plugin/diagnostics';
import { explain } from '../../../src/provider/errors/explain';
import { SECRETS } from './steady';
import { storedIn } from './stored';

/** A diagnostic as Terraform shows it. */
export interface Shown {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail: string;
  /** `clusters.cluster2.password` */
  readonly attribute?: string;
}

/** Stored texts of one area, by code or, where a code has several causes, `code: cause`; of warnings by a name of their own. */
export type Texts = Readonly<Record<string, Shown>>;

/** What ends in the diagnostic: throws or rejects; or returns diagnostics, of which there has to be one. */
export type Cause = () => unknown;

export const TEXTS = join(__dirname, 'texts');

/** Where texts are wrong whatever they say: something is missing, or stands twice. */
export const DISORDER = /undefined|\[object|\.\.(?!\/)|;\s*;|,\s*,|\(\)| {2}(?!\S+ = )|[:;,]\s*\n\(|\s[.,;:]\s/;

/**
 * Provokes each diagnostic of an area by its cause and compares the whole text with the stored one
 * (`texts/<area>.json`, from which `docs/errors.md` is made).
 */
export function diagnosticsOf(area: string, causes: Readonly<Record<string, Cause>>): void {
  const made = Object.entries(causes).map(([name, cause]) => [name, () => provoked(cause)] as const);
  storedIn<Shown>(join(TEXTS, `${area}.json`), Object.fromEntries(made), (shown, name) => {
    for (const secret of SECRETS) expect(JSON.stringify(shown)).not.toContain(secret);
    const code = codeOf(shown);
    if (code !== undefined) expect(name.split(':')[0]).toBe(code);
  });
}

/** The code that the text of an error ends with; undefined for warnings and for what a handler reports. */
export function codeOf({ detail }: Shown): string | undefined {
  return /\(([a-z_]+)\)$/.exec(detail)?.[1];
}

/** The texts of a file; none where there is no such file. */
export function textsIn(file: string): Texts {
  return JSON.parse(readFileSync(file, 'utf8')) as Texts;
}

async function provoked(cause: Cause): Promise<Shown> {
  let made: unknown;
  try {
    made = await cause();
  } catch (error) {
    const { summary, detail = '', path } = explainError(error, 'handler', explain);
    return shown('error', summary, detail, path?.join('.'));
  }
  const [one, ...others] = Array.isArray(made) ? (made as Report[]) : [];
  if (one === undefined || others.length > 0)
    throw new Error(`not one diagnostic: ${JSON.stringify(made ?? null).slice(0, 300)}`);
  return shown(one.severity, one.summary, one.detail, one.path?.join('.'));
}

/** A warning or error that a handler reported without throwing. */
export interface Report {
  readonly severity: 'error' | 'warning';
  readonly path?: readonly (string | number)[] | undefined;
  readonly summary: string;
  readonly detail: string;
}

/** Collects what handlers report. */
export class Reports {
  readonly all: Report[] = [];
  readonly warn = (path: Report['path'], summary: string, detail = ''): void => {
    this.all.push({ severity: 'warning', path, summary, detail });
  };
  readonly error = (path: Report['path'], summary: string, detail = ''): void => {
    this.all.push({ severity: 'error', path, summary, detail });
  };
}

function shown(severity: Shown['severity'], summary: string, detail: string, attribute: string | undefined): Shown {
  return { severity, summary, detail, ...(attribute !== undefined && attribute !== '' && { attribute }) };
}
