import type { ReadStream, WriteStream } from 'node:tty';
import { DctError } from '../error';

/** What of a terminal is needed; `setRawMode` turns its echo off. */
export type SecretInput = Pick<ReadStream, 'isTTY' | 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;

/**
 * Asks for a line without echo, as docker asks for passphrases. Undefined where input is no terminal, and at Ctrl-D.
 * Throws `interrupted` at Ctrl-C, which a terminal without echo hands on as a character.
 */
export async function readSecret(
  question: string,
  input: SecretInput,
  output: Pick<WriteStream, 'write'>,
): Promise<string | undefined> {
  if (!input.isTTY) return undefined;
  output.write(question);
  input.setRawMode(true);
  input.resume();
  try {
    return await line(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    output.write('\n');
  }
}

function line(input: SecretInput): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const bytes: number[] = [];
    const end = (finish: () => void): void => {
      input.off('data', read);
      finish();
    };
    const read = (chunk: Buffer): void => {
      for (const byte of chunk) {
        switch (byte) {
          case 0x03:
            end(() => {
              reject(new DctError('interrupted', 'interrupted'));
            });
            return;
          case 0x0a:
          case 0x0d:
            end(() => {
              resolve(Buffer.from(bytes).toString('utf8'));
            });
            return;
          case 0x04:
            end(() => {
              resolve(undefined);
            });
            return;
          case 0x08:
          case 0x7f:
            dropCharacter(bytes);
            break;
          case 0x15:
            bytes.length = 0;
            break;
          default:
            bytes.push(byte);
        }
      }
    };
    input.on('data', read);
  });
}

/** Of UTF-8: the bytes that go on, and the one they belong to. */
function dropCharacter(bytes: number[]): void {
  let last = bytes.pop();
  while (last !== undefined && (last & 0xc0) === 0x80) last = bytes.pop();
}
