/** One challenge of a WWW-Authenticate header; names in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const token = String.raw`[!#$%&'*+.^_\x60|~0-9A-Za-z-]+`;
const parameter = new RegExp(String.raw`^(${token})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|(${token}))\s*(?:,\s*|$)`);
const scheme = new RegExp(String.raw`^(${token})(?:\s+|\s*,\s*|$)`);

/** The challenges of a WWW-Authenticate header (RFC 9110, 11.6.1); several may share one header. What is malformed ends it. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  let rest = header.trim();
  while (rest !== '') {
    const start = scheme.exec(rest);
    if (!start?.[1]) break;
    rest = rest.slice(start[0].length);
    const parameters: Record<string, string> = {};
    for (let found = parameter.exec(rest); found; found = parameter.exec(rest)) {
      parameters[(found[1] ?? '').toLowerCase()] = found[3] ?? (found[2] ?? '').replace(/\\(.)/g, '$1');
      rest = rest.slice(found[0].length);
    }
    challenges.push({ scheme: start[1].toLowerCase(), parameters });
  }
  return challenges;
}
