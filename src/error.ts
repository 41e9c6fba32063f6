/** Where in a resource's or the provider's configuration an error belongs: attribute names, map keys, list indexes. */
export type AttributePath = readonly (string | number)[];

/**
 * An error for the person at the terminal. `message` says what was tried, on which host and object, and what came back;
 * `cure` says what to do next; `code` is stable and may be matched by programs. None of them ever holds a secret.
 */
export class DctError extends Error {
  override readonly name = 'DctError';
  readonly cure: string | undefined;
  readonly attribute: AttributePath | undefined;

  constructor(
    readonly code: string,
    message: string,
    options: { readonly cure?: string; readonly cause?: unknown; readonly attribute?: AttributePath } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.cure = options.cure;
    this.attribute = options.attribute;
  }
}

/**
 * Node's code of a system call that failed, such as `ENOENT`; undefined for any other error. Not by instanceof: Node's own
 * errors are of another realm under a test runner.
 */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
