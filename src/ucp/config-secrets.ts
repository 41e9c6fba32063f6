import { parse } from '@iarna/toml';

const secretName = /pass|secret|token|key|credential|cert|private|\bpem\b/i;

/** The values in the document that a server could quote in a complaint about it and nobody should see. */
export function documentSecrets(text: string): string[] {
  try {
    return [...secrets(parse(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')), false)];
  } catch {
    return [];
  }
}

function* secrets(value: unknown, secret: boolean): Generator<string> {
  if (typeof value === 'string') {
    if (secret && value.length >= 3) yield value;
  } else if (Array.isArray(value)) {
    for (const item of value) yield* secrets(item, secret);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) yield* secrets(item, secret || secretName.test(name));
  }
}
