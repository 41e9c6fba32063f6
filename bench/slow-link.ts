import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A line to a server on loopback that takes half of the round-trip time each way, TLS handshakes included. */
export interface SlowLink {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** @param roundTrip milliseconds */
export async function slowLink(to: number, roundTrip: number): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {
        near.destroy();
        far.destroy();
      });
      socket.once('close', () => sockets.delete(socket));
    }
    near.pipe(delayed(roundTrip / 2)).pipe(far);
    far.pipe(delayed(roundTrip / 2)).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

/** What comes together goes on together: only the way is long, not the line narrow. */
function delayed(milliseconds: number): Transform {
  return new Transform({
    highWaterMark: 1 << 20,
    transform(chunk: Buffer, _encoding, done) {
      setTimeout(() => this.push(chunk), milliseconds);
      done();
    },
    flush(done) {
      setTimeout(done, milliseconds + 1);
    },
  });
}
