/** An image as a person writes it, taken apart the way the docker CLI does (docker/distribution `reference`, normalised names). */
export interface ImageReference {
  /**
   * What UCP repeats in its refusals: with the tag, or without any the digest; `docker.io/library/` left out as the docker
   * CLI does.
   */
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

/** Where an image comes from that names no registry. */
export const HUB = 'docker.io';

/** Takes any text; see {@link imageReferenceProblem} for what docker would refuse. */
export function parseImageReference(reference: string): ImageReference {
  const at = reference.indexOf('@');
  const digest = at < 0 ? undefined : reference.slice(at + 1);
  const named = at < 0 ? reference : reference.slice(0, at);
  // A colon after the last slash starts a tag; one before it belongs to a port.
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const name = colon < 0 ? named : named.slice(0, colon);
  const tag = colon < 0 ? (digest === undefined ? 'latest' : undefined) : named.slice(colon + 1);
  const { host, path } = splitName(name);
  const short = host === HUB ? path.replace(/^library\/(?=[^/]+$)/, '') : `${host}/${path}`;
  return {
    familiar: tag === undefined ? `${short}@${digest ?? ''}` : `${short}:${tag}`,
    host,
    repository: `${host}/${path}`,
    tag,
    digest,
  };
}

/** What is wrong with an image reference (`must …`), or undefined. */
export function imageReferenceProblem(reference: string): string | undefined {
  if (REFERENCE.test(reference)) return undefined;
  return 'must be an image as docker takes it: [<registry>/]<repository>[:<tag>][@sha256:<64 hex digits>], in small letters';
}

const NAME = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const REFERENCE = new RegExp(
  `^(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?${NAME}(?:/${NAME})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
);

function splitName(name: string): { host: string; path: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const namesHost =
    first === 'localhost' || first.includes('.') || first.includes(':') || first !== first.toLowerCase();
  if (namesHost && first !== HUB && first !== 'index.docker.io') return { host: first, path: name.slice(slash + 1) };
  const path = namesHost ? name.slice(slash + 1) : name;
  return { host: HUB, path: path.includes('/') ? path : `library/${path}` };
}
