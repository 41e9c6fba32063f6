import { HttpError } from './error';

/**
 * Checks a host address as docker and UCP write it, `host[:port]`, and returns it unchanged.
 * @throws HttpError `invalid` naming what does not belong: a scheme, a slash, a user, spaces, a port out of range
 */
export function checkHostAddress(value: string, what = 'host address'): string {
  const why = whyNot(value);
  if (why === undefined) return value;
  // A password before an @ must not come back in the error.
  const shown = value.replace(/[^/@]*@/, '[redacted]@');
  throw new HttpError('invalid', shown, `${JSON.stringify(shown)} is not a ${what}: ${why}.`, {
    cure: 'Write host or host:port, as in dtr.example.com or dtr.example.com:4443.',
  });
}

function whyNot(value: string): string | undefined {
  if (value === '') return 'it is empty';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return 'it starts with a scheme';
  if (value.includes('/')) return 'it has a slash in it';
  if (value.includes('@')) return 'it holds a user name';
  if (/\s/.test(value)) return 'it has a space in it';
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?::(\d+))?$/i.exec(value);
  if (!match || !URL.canParse(`https://${value}`)) return 'it is not a host name or IP address with an optional port';
  const port = match[2];
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) return `port ${port} does not exist`;
  return undefined;
}
