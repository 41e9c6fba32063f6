import { tmpdir } from 'node:os';

/** What tests of diagnostics use where a secret belongs; none of it may stand in a text. */
export const SECRETS = ['Sesame-opens', 'PRIVATE KEY-----'];
export const [SECRET = ''] = SECRETS;

const ROOT = process.cwd();

/** The same object with what differs from run to run replaced in all its texts: folders, ports, keys, times. */
export function steady<T extends object>(value: T): T {
  const ids = new Map<string, string>();
  const numbered = (kind: string, text: string): string => {
    const known = ids.get(text) ?? `<${kind} ${ids.size + 1}>`;
    ids.set(text, known);
    return known;
  };
  const plain = (text: string): string =>
    text
      .replaceAll(ROOT, '/app')
      .replace(new RegExp(`${tmpdir()}/dct-texts-[A-Za-z0-9]+`, 'g'), '/app')
      .replace(/\b(?:localhost|127\.0\.0\.1):\d+/g, 'dtr.example.com')
      .replace(/\b[0-9a-f]{64}\b/g, (id) => numbered('ID', id))
      .replace(/\b[0-9A-F]{2}(?::[0-9A-F]{2}){31}\b/g, (id) => numbered('fingerprint', id))
      .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>')
      .replace(/\b[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT/g, '<time>');
  return JSON.parse(JSON.stringify(value), (_, inside: unknown) =>
    typeof inside === 'string' ? plain(inside) : inside,
  ) as T;
}
