import { DctError } from '../../error';
import { HttpError } from '../../http';
import type { Explanation } from '../../plugin';
import { settingOf } from './setting-of-error';

/** Words for Terraform's error box: the first line as its title; the rest, the cure and the code below. */
export function explain(error: unknown): Explanation | undefined {
  if (isOfMachine(error)) return { summary: error.message, detail: whatToDo(OF_MACHINE) };
  if (!(error instanceof DctError || error instanceof HttpError)) return undefined;
  const [summary = '', ...rest] = error.message.split('\n');
  const cure = error.cure === undefined ? [] : [whatToDo(error.cure)];
  const setting = error instanceof DctError ? settingOf(error) : undefined;
  const settings = setting === undefined ? [] : [`In the configuration: ${setting}`];
  const detail = [...rest, ...cure, ...settings, `(${error.code})`].join('\n');
  const path = error instanceof DctError ? error.attribute : undefined;
  return { summary: asTitle(summary), detail, ...(path && { path }) };
}

/** What the operating system refuses and nobody has foreseen: a full disk, too many open files. */
function isOfMachine(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z\d]+$/.test(error.code);
}

const OF_MACHINE =
  'See to it on this machine and run again; if it comes back, TF_LOG=ERROR puts into the log where the provider met it.';

/** A cure as a line of its own: sentences, whether it was written as such or to follow a semicolon. */
export function whatToDo(cure: string): string {
  const text = cure.replace(/^(?!docker |notary |dct |openssl |terraform )[a-z]+(?=[ ,])/, capitalised);
  const isSentence =
    !text.includes('\n') && !/^[a-z]/.test(text) && /(?:^|[\s(“])(?:\p{L}(?:[\p{L}_’.-]*\p{L})?|\d+)[)”]?$/u.test(text);
  return `What to do: ${isSentence ? `${text}.` : text}`;
}

const OPENING = /^(?:an?|the|this|there|no|not|cannot|could|tag|trust|signers)(?= )/;

/** No sentence but a title. A first word that is a host, a GUN, a role or somebody's name stays as it is. */
function asTitle(text: string): string {
  return text.replace(OPENING, capitalised).replace(/(?<!\.)[.:]$/, '');
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
