import { DctError } from '../error';
import { HttpError } from '../http';
import type { Explanation } from '../plugin';

/** Words for Terraform's error box: the first line as its title; the rest, the cure and the code below. */
export function explain(error: unknown): Explanation | undefined {
  if (!(error instanceof DctError || error instanceof HttpError)) return undefined;
  const [summary = '', ...rest] = error.message.split('\n');
  const cure = error.cure === undefined ? [] : [`What to do: ${error.cure}`];
  const detail = [...rest, ...cure, `(${error.code})`].join('\n');
  const path = error instanceof DctError ? error.attribute : undefined;
  return { summary: asTitle(summary), detail, ...(path && { path }) };
}

const OPENING = /^(?:an?|the|this|there|no|not|cannot|could|trust)(?= )/;

/** A first word that is a host, a GUN, a role or somebody's name stays as it is. */
function asTitle(text: string): string {
  return text.replace(OPENING, (word) => word.charAt(0).toUpperCase() + word.slice(1));
}
