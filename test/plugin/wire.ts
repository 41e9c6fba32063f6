import { decode, encode, ExtData } from '@msgpack/msgpack';
import { hclog } from '../../src/plugin/log';

export const NONE = Buffer.alloc(0);
/** An unknown value on the wire. */
export const UNKNOWN = new ExtData(0, Uint8Array.of(0));
export const silent = hclog('library', () => undefined, {});
/** A value as Terraform sends it. */
export const sent = (value: unknown) => ({ msgpack: Buffer.from(encode(value)), json: NONE });

/** The reply with its values decoded and its JSON parsed, so that it can be read. */
export function shown(reply: unknown): unknown {
  if (Buffer.isBuffer(reply)) return reply.length === 0 ? '' : reply.toString('utf8');
  if (Array.isArray(reply)) return reply.map(shown);
  if (typeof reply !== 'object' || reply === null) return reply;
  if ('msgpack' in reply && Buffer.isBuffer(reply.msgpack))
    return reply.msgpack.length > 0 ? decode(reply.msgpack) : shown('json' in reply ? reply.json : undefined);
  return Object.fromEntries(Object.entries(reply).map(([name, inside]: [string, unknown]) => [name, shown(inside)]));
}
