const secretName = String.raw`[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|api_?key|private_?key|credential|authorization)[\w.-]*`;

const rules: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g, '[private key redacted]'],
  [/\b(Bearer|Basic)(\s+)[A-Za-z0-9+/._~=-]{4,}/gi, '$1$2[redacted]'],
  [/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, '[token redacted]'],
  [/(\/\/)[^/\s:@]+:[^/\s@]+@/g, '$1[redacted]@'],
  // "password": "…", password = "…", password='…'
  [
    new RegExp(String.raw`(["']?${secretName}["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*(?:"|$)|'[^']*(?:'|$))`, 'gi'),
    '$1"[redacted]"',
  ],
  // password=… in a query or a log line
  [new RegExp(String.raw`(\b${secretName}=)[^\s&"'[,;]+`, 'gi'), '$1[redacted]'],
];

/**
 * The text without what looks like a secret: private keys, Authorization values, tokens, and values of fields that are
 * named like a secret; and without the given secrets wherever they stand.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let result = text;
  // Longest first, so that a secret that holds another one leaves nothing behind.
  for (const secret of [...secrets].filter((value) => value !== '').sort((a, b) => b.length - a.length)) {
    result = result.replaceAll(secret, '[redacted]');
  }
  for (const [pattern, replacement] of rules) result = result.replace(pattern, replacement);
  return result;
}

const secretParameter = new RegExp(`^${secretName}$`, 'i');

/** A URL fit for a log: no user, no values of query parameters that are named like a secret. */
export function redactUrl(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  for (const name of parsed.searchParams.keys()) {
    if (secretParameter.test(name)) parsed.searchParams.set(name, 'redacted');
  }
  return parsed.href;
}
