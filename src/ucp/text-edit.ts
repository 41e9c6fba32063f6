import type { Span } from './toml-layout';

/** A TOML basic string (toml.io/en/v1.0.0#string), on one line as UCP writes them. */
export function basicString(value: string): string {
  const escaped = value.replace(/["\\]|\p{Cc}/gu, (character) => {
    const short: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
    return short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

export function replaceSpan(text: string, { start, end }: Span, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

/** The line break this document uses. */
export function lineBreak(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}

/** Puts lines in at a line's start, or behind the end of a text whose last line has no break (which it then still has not). */
export function insertLines(text: string, at: number, lines: readonly string[]): string {
  const eol = lineBreak(text);
  const block = lines.join(eol);
  const startsLine = at === 0 || text[at - 1] === '\n' || text[at - 1] === '\uFEFF';
  return replaceSpan(text, { start: at, end: at }, startsLine ? block + eol : eol + block);
}

/** As {@link insertLines}, with an empty line before, unless it is the very first. {@link removeBlock} is its inverse. */
export function insertBlock(text: string, at: number, lines: readonly string[]): string {
  const first = at === 0 || (at === 1 && text.startsWith('\uFEFF'));
  return insertLines(text, at, first ? lines : ['', ...lines]);
}

/** Takes whole lines out, the break before them too where they were the unfinished end of the text. */
export function removeLines(text: string, { start, end }: Span): string {
  const unfinished = end === text.length && !text.slice(start, end).endsWith('\n');
  return text.slice(0, unfinished ? beforeBreak(text, start) : start) + text.slice(end);
}

/** Takes whole lines out with one empty line before them. */
export function removeBlock(text: string, { start, end }: Span): string {
  const previous = beforeBreak(text, start);
  const emptyBefore = previous < start && (previous === 0 || text[previous - 1] === '\n');
  return removeLines(text, { start: emptyBefore ? previous : start, end });
}

function beforeBreak(text: string, at: number): number {
  if (text[at - 1] !== '\n') return at;
  return text[at - 2] === '\r' ? at - 2 : at - 1;
}
