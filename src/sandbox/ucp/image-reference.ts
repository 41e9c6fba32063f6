/** An image as somebody asks for it, taken apart by the docker CLI's rules. */
export interface ImageReference {
  /** `localhost:5000`, `dtr.example.com`; `docker.io` when the reference names no registry. */
  readonly host: string;
  /** `admin/trustdemo`; `library/httpd` for a bare `httpd` of Docker Hub. */
  readonly repository: string;
  /** `latest` when neither tag nor digest was given; undefined with a digest alone. */
  readonly tag: string | undefined;
  /** `sha256:<hex>` */
  readonly digest: string | undefined;
  /**
   * The reference as UCP prints it: Hub's host and `library/` left out, the tag filled in, and beside a tag no digest (the
   * docker CLI pins one to what it was asked for).
   */
  readonly shown: string;
}

const hub = 'docker.io';
const path = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const pattern = new RegExp(
  `^(?<name>(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?${path}(?:/${path})*)` +
    '(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$',
);

/** The parts of a reference, or undefined for what the docker CLI would call an invalid reference format. */
export function parseImage(reference: string): ImageReference | undefined {
  const { name, tag, digest } = pattern.exec(reference)?.groups ?? {};
  if (name === undefined) return undefined;
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hasHost = /[.:]|^localhost$|[A-Z]/.test(first);
  const host = !hasHost || first === 'index.docker.io' ? hub : first;
  const rest = hasHost ? name.slice(slash + 1) : name;
  const repository = host === hub && !rest.includes('/') ? `library/${rest}` : rest;
  const tagOrLatest = tag ?? (digest === undefined ? 'latest' : undefined);
  const shownName = host === hub ? repository.replace(/^library\//, '') : `${host}/${repository}`;
  const suffix = tagOrLatest === undefined ? `@${digest ?? ''}` : `:${tagOrLatest}`;
  const shown = `${shownName}${suffix}`;
  return { host, repository, tag: tagOrLatest, digest, shown };
}

/** Whether the image would come from Docker Hub. */
export function isHub(image: ImageReference): boolean {
  return image.host === hub;
}
