import type { Readable } from 'node:stream';

/** The gRPC status codes used here (grpc.io, "Status codes and their use in gRPC"). */
export const GrpcStatus = {
  OK: 0,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const;

export class StatusError extends Error {
  override readonly name = 'StatusError';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Terraform's own limit for a message. */
export const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;
// A message is prefixed by one byte that says whether it is compressed, and its length in four.
const PREFIX_BYTES = 5;

/**
 * The one message that a request's body holds.
 * @throws StatusError when it is compressed, too large or cut off
 */
export async function messageIn(body: Readable, maxBytes = MAX_MESSAGE_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue;
    received += chunk.length;
    if (received > maxBytes + PREFIX_BYTES)
      throw new StatusError(GrpcStatus.RESOURCE_EXHAUSTED, `a message of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  if (bytes.length < PREFIX_BYTES) throw new StatusError(GrpcStatus.INTERNAL, 'a request without a message');
  if (bytes[0] !== 0) throw new StatusError(GrpcStatus.UNIMPLEMENTED, 'compressed messages are not understood');
  const message = bytes.subarray(PREFIX_BYTES);
  if (message.length !== bytes.readUInt32BE(1))
    throw new StatusError(GrpcStatus.INTERNAL, 'a message that was cut off');
  return message;
}

export function withPrefix(message: Uint8Array): Buffer {
  if (message.length > MAX_MESSAGE_BYTES)
    throw new StatusError(GrpcStatus.RESOURCE_EXHAUSTED, `a reply of more than ${MAX_MESSAGE_BYTES} bytes`);
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
}
