import { json, type Reply } from '../route';

/** notary's error codes with their texts and statuses (notary: server/errors). */
const descriptors = {
  NO_FILENAME: [400, 'No file/role name provided.'],
  INVALID_ROLE: [400, 'The role you are attempting to operate on is invalid.'],
  MALFORMED_JSON: [400, 'JSON sent by the client could not be parsed by the server'],
  MALFORMED_UPLOAD: [400, 'The body of your request is malformed.'],
  INVALID_UPDATE: [400, 'Update sent by the client is invalid.'],
  INVALID_PARAMS: [400, 'The parameters provided are not valid.'],
  VERSION: [400, 'A newer version of metadata is already available.'],
  METADATA_NOT_FOUND: [404, 'You have requested metadata that does not exist.'],
  UNKNOWN: [500, 'unknown error'],
} as const satisfies Record<string, readonly [number, string]>;

export type NotaryErrorCode = keyof typeof descriptors;

/** A refusal of the Notary server, written as Go's registry library does: no `detail` where there is none. */
export class NotaryError extends Error {
  constructor(
    readonly code: NotaryErrorCode,
    readonly detail?: unknown,
  ) {
    super(descriptors[code][1]);
  }

  get reply(): Reply {
    const [status, message] = descriptors[this.code];
    const { body, ...reply } = json({ errors: [{ code: this.code, message, detail: this.detail }] }, status);
    return { ...reply, body: `${String(body)}\n` };
  }
}

/** An update that breaks a rule; `name` says which file is to blame (notary: tuf/validation). */
export function invalidUpdate(
  name: 'ErrValidation' | 'ErrBadRoot' | 'ErrBadTargets' | 'ErrBadSnapshot' | 'ErrBadHierarchy',
  message: string,
  more: Readonly<Record<string, string>> = {},
): NotaryError {
  return new NotaryError('INVALID_UPDATE', { Name: name, Error: { ...more, Msg: message } });
}
