export { HttpClient, originUrl } from './client';
export { type Connections, openConnections, type OpenConnections } from './exchange';
export { HttpError, type HttpErrorCode } from './error';
export { checkHostAddress } from './host-address';
export { certificateFingerprint, certificateName, certificatesOf } from './pem';
export { redact, redactUrl } from './redact';
export { sleep } from './retry';
export { serverErrorCodes, serverMessage } from './server-message';
export type {
  BodyPart,
  ClientCertificate,
  HttpOptions,
  HttpRequest,
  HttpResponse,
  Origin,
  RequestLog,
  Sleep,
} from './types';
