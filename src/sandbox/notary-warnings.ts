type Kind = 'embedded' | 'real';

/** What somebody who relies on trust data should know of where it is kept. `before`: what this sandbox had last time. */
export function notaryWarnings(notary: Kind, before: Kind | undefined): string[] {
  if (notary === 'real') {
    const gone = before === undefined ? '' : '; what was signed before is not there';
    return [`the real notary-server keeps trust data in memory: it is gone when the sandbox stops${gone}`];
  }
  return before === 'real' ? ['what was signed with --notary real is gone; this is the embedded Notary'] : [];
}
