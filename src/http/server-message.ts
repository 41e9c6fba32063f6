import { redact } from './redact';
import type { HttpResponse } from './types';

const longest = 600;
const longestRedacted = 2_000;
const longestRead = 16 * 1024;
/** Error bodies are short; docker reads a kilobyte. */
const longestParsed = 1024 * 1024;

/**
 * The server's own words on one line, cut and without secrets. Understands `{"message"}` (Docker engine, UCP),
 * `{"errors":[{code,message,detail}]}` (eNZi, DTR, registry, Notary), `{code,message,detail}` (eNZi), `{"error"}`, HTML and
 * plain text; an answer without a body is described by its status.
 */
export function serverMessage(response: HttpResponse): string {
  // what is looked for secrets is cut before as well: the patterns take the square of a long word's length
  const said = messageOf(response).slice(0, longestRead).replace(/\s+/g, ' ').trim().slice(0, longestRedacted);
  return cut(redact(said)) || emptyAnswer(response);
}

/** The codes in the server's error, such as `NO_SUCH_ACCOUNT` or `UNAUTHORIZED`; none when it gave none. */
export function serverErrorCodes(response: HttpResponse): string[] {
  return errorsOf(parsed(response)).flatMap(({ code }) => (code === undefined ? [] : [code]));
}

interface ServerError {
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly detail: string | undefined;
}

function messageOf(response: HttpResponse): string {
  const errors = errorsOf(parsed(response));
  if (errors.length > 0) return errors.map(inWords).join('; ');
  const text = response.bytes.subarray(0, longestRead).toString('utf8');
  if (/<(?:html|!doctype|head|body|title)\b/i.test(text.slice(0, 1000))) return fromHtml(text);
  return text;
}

function inWords({ code, message, detail }: ServerError): string {
  const said = message ?? detail ?? '';
  const more = detail !== undefined && detail !== said ? ` (${detail})` : '';
  if (code === undefined || said.includes(code)) return `${said}${more}`;
  return said === '' ? code : `${code}: ${said}${more}`;
}

function errorsOf(body: unknown): ServerError[] {
  if (!isObject(body)) return [];
  const list = body['errors'] ?? body['Errors'];
  if (Array.isArray(list))
    return list.flatMap((item: unknown) => (typeof item === 'string' ? errorsOf({ message: item }) : errorsOf(item)));
  const error: ServerError = {
    code: text(body['code'] ?? body['Code']),
    message: text(body['message'] ?? body['Message'] ?? body['error'] ?? body['Error'] ?? body['error_description']),
    detail: text(body['detail'] ?? body['details'] ?? body['Detail']),
  };
  return (error.code ?? error.message ?? error.detail) ? [error] : [];
}

/** A field in words; objects, such as Notary's `{"Name":"ErrBadTargets","Error":{…}}`, as JSON. Empty ones are none. */
function text(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  if (isObject(value) && Object.keys(value).length === 0) return undefined;
  try {
    return JSON.stringify(value);
  } catch {
    return undefined; // nested deeper than the stack
  }
}

function parsed(response: HttpResponse): unknown {
  if (response.bytes.length > longestParsed) return undefined;
  try {
    return response.json();
  } catch {
    return undefined;
  }
}

function fromHtml(html: string): string {
  const title = /<title[^>]*>([\s\S]*?)<\/title>/i.exec(html)?.[1];
  const body = html
    .replace(/<(script|style|head)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&nbsp;/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
    .trim();
  return `an HTML page: ${title ?? body}`;
}

function emptyAnswer(response: HttpResponse): string {
  const location = response.headers['location'];
  if (response.status >= 300 && response.status < 400 && location !== undefined)
    return `a redirect to ${redact(location)}`;
  return `an empty answer with status ${response.status}`;
}

function cut(message: string): string {
  return message.length > longest ? `${message.slice(0, longest)}…` : message;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
