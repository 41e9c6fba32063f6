/** An image as a person writes it, taken apart the way the docker CLI does (docker/distribution `reference`, normalised names). */
export interface ImageReference {
  /** As written, without a digest: what UCP repeats in its refusals. */
  readonly familiar: string;
  /** Registry host with port; `docker.io` when the reference names none. */
  readonly host: string;
  /** `<host>/<path>`: what a GUN and an entry of `allow_repos` look like. */
  readonly repository: string;
  /** `latest` when the reference names neither tag nor digest; undefined when it names a digest only. */
  readonly tag: string | undefined;
  /** `sha256:<hex>` */
  readonly digest: string | undefined;
}

export function parseImageReference(reference: string): ImageReference {
  const at = reference.indexOf('@');
  const digest = at < 0 ? undefined : reference.slice(at + 1);
  const named = at < 0 ? reference : reference.slice(0, at);
  // A colon after the last slash starts a tag; one before it belongs to a port.
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const name = colon < 0 ? named : named.slice(0, colon);
  const tag = colon < 0 ? (digest === undefined ? 'latest' : undefined) : named.slice(colon + 1);

  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const namesHost =
    first === 'localhost' || first.includes('.') || first.includes(':') || first !== first.toLowerCase();
  const host = namesHost ? first : 'docker.io';
  const path = namesHost ? name.slice(slash + 1) : slash < 0 ? `library/${name}` : name;
  return {
    familiar: tag === undefined ? name : `${name}:${tag}`,
    host,
    repository: `${host}/${path}`,
    tag,
    digest,
  };
}
