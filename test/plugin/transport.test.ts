import * as grpc from '@grpc/grpc-js';
import * as fc from 'fast-check';
import type * as http2 from 'node:http2';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { Readable } from 'node:stream';
import { GrpcStatus, messageIn, StatusError, withPrefix } from '../../src/plugin/transport/grpc-message';
import { GrpcServer, type UnaryCall } from '../../src/plugin/transport/grpc-server';

// Google's gRPC library as the client: what it understands, Terraform's does.
const socket = path.join(tmpdir(), `transport-${process.pid}.sock`);
const calls = new Map<string, UnaryCall>([
  ['/x.Y/Echo', (_, request) => Promise.resolve(request)],
  ['/x.Y/Fail', () => Promise.reject(new Error('no such thing: 100 % über'))],
  ['/x.Y/Refuse', () => Promise.reject(new StatusError(GrpcStatus.UNAVAILABLE, 'not now'))],
  ['/x.Y/Never', () => new Promise<never>(() => undefined)],
]);
let server: GrpcServer;
let client: grpc.Client;

beforeEach(async () => {
  server = new GrpcServer({ call: (path) => calls.get(path), silentStreams: new Set(['/x.Y/Silent']) }, undefined);
  await new Promise<void>((resolve) => server.server.listen(socket, resolve));
  client = new grpc.Client(`unix:${socket}`, grpc.credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
  });
});
afterEach(async () => {
  client.close();
  await server.close();
});

function call(method: string, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method,
      (x: Buffer) => x,
      (x) => x,
      request,
      (error, reply) => {
        if (reply === undefined) reject(error ?? new Error('no reply'));
        else resolve(reply);
      },
    );
  });
}

describe('when a call is made', () => {
  it.each([0, 1, 100_000, 20_000_000])('carries %d bytes both ways', async (size) => {
    const request = Buffer.alloc(size, 7);
    expect((await call('/x.Y/Echo', request)).equals(request)).toBe(true);
  });

  it('carries many at once', async () => {
    const all = Array.from({ length: 200 }, (_, i) => Buffer.from(`request ${i}`));
    expect(await Promise.all(all.map((request) => call('/x.Y/Echo', request)))).toEqual(all);
  });

  it.each([
    ['/x.Y/Fail', grpc.status.INTERNAL, 'no such thing: 100 % über'],
    ['/x.Y/Refuse', grpc.status.UNAVAILABLE, 'not now'],
    ['/x.Y/Unheard', grpc.status.UNIMPLEMENTED, 'unknown method /x.Y/Unheard'],
  ])('answers %s with its status', async (method, code, details) => {
    await expect(call(method, Buffer.from('x'))).rejects.toMatchObject({ code, details });
  });

  it('ends running calls when it fails as a whole', async () => {
    const running = call('/x.Y/Never', Buffer.alloc(0));
    const failed = expect(running).rejects.toMatchObject({ code: grpc.status.UNAVAILABLE, details: 'crashed' });
    await call('/x.Y/Echo', Buffer.alloc(0));
    server.failAll('crashed');
    await failed;
  });

  it('keeps silent streams open', async () => {
    const stream = client.makeServerStreamRequest(
      '/x.Y/Silent',
      (x: Buffer) => x,
      (x) => x,
      Buffer.alloc(0),
    );
    const events: string[] = [];
    for (const event of ['data', 'error', 'end']) stream.on(event, () => events.push(event));
    await new Promise((resolve) => stream.once('metadata', resolve));
    await call('/x.Y/Echo', Buffer.alloc(0));
    expect(events).toEqual([]);
    stream.cancel();
  });

  it('knows connections apart', async () => {
    const sessions = new Set<http2.Http2Session>();
    calls.set('/x.Y/Who', (session, request) => {
      sessions.add(session);
      return Promise.resolve(request);
    });
    await call('/x.Y/Who', Buffer.alloc(0));
    await call('/x.Y/Who', Buffer.alloc(0));
    expect(sessions.size).toBe(1);
    expect(server.sessions.size).toBe(1);
  });
});

describe('when a request is not one message', () => {
  it.each([
    ['empty', Buffer.alloc(0), GrpcStatus.INTERNAL, 'a request without a message'],
    ['shorter than it says', Buffer.from([0, 0, 0, 0, 9, 1]), GrpcStatus.INTERNAL, 'a message that was cut off'],
    ['longer than it says', Buffer.from([0, 0, 0, 0, 0, 1]), GrpcStatus.INTERNAL, 'a message that was cut off'],
    ['compressed', Buffer.from([1, 0, 0, 0, 1, 1]), GrpcStatus.UNIMPLEMENTED, 'compressed messages are not understood'],
    ['too large', Buffer.alloc(200), GrpcStatus.RESOURCE_EXHAUSTED, 'a message of more than 100 bytes'],
  ])('refuses one that is %s', async (_, body, status, message) => {
    await expect(messageIn(Readable.from([body]), 100)).rejects.toMatchObject({ status, message });
  });

  it('takes a message in any pieces', () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.array(fc.nat(20)), async (message, cuts) => {
        const framed = withPrefix(message);
        const pieces: Buffer[] = [];
        let from = 0;
        for (const cut of cuts) {
          pieces.push(framed.subarray(from, from + cut));
          from = Math.min(framed.length, from + cut);
        }
        pieces.push(framed.subarray(from));
        expect(await messageIn(Readable.from(pieces.filter(({ length }) => length > 0)))).toEqual(Buffer.from(message));
      }),
    ));
});
