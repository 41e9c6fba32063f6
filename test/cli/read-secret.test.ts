import { EventEmitter } from 'node:events';
import { readSecret, type SecretInput } from '../../src/cli/read-secret';

class Keyboard extends EventEmitter {
  readonly isTTY: boolean = true;
  readonly modes: boolean[] = [];
  setRawMode(on: boolean): this {
    this.modes.push(on);
    return this;
  }
  resume(): this {
    return this;
  }
  pause(): this {
    return this;
  }
}

interface Asked {
  readonly answer: string | undefined;
  readonly printed: string;
  readonly modes: readonly boolean[];
}

async function type(...chunks: (string | Buffer)[]): Promise<Asked> {
  const keyboard = new Keyboard();
  let printed = '';
  const output = { write: (text: string) => (printed += text) !== '' };
  const asking = readSecret('Passphrase: ', keyboard as unknown as SecretInput, output);
  for (const chunk of chunks) keyboard.emit('data', Buffer.from(chunk));
  return { answer: await asking, printed, modes: keyboard.modes };
}

describe('when somebody is asked for a secret', () => {
  test('it is what they type up to Enter, and none of it is shown', async () => {
    expect(await type('open ', 'sesame\r')).toEqual({
      answer: 'open sesame',
      printed: 'Passphrase: \n',
      modes: [true, false],
    });
  });

  test.each<[string, (string | Buffer)[], string | undefined]>([
    ['backspace takes a character back', ['abü\u007fc\b\bd\n'], 'ad'],
    ['backspace at the beginning does nothing', ['\u007fa\n'], 'a'],
    ['Ctrl-U takes all of it back', ['abc\u0015d\n'], 'd'],
    ['a character may come in two parts', [Buffer.from('ü').subarray(0, 1), Buffer.from('ü').subarray(1), '\n'], 'ü'],
    ['Enter alone is an empty answer', ['\n'], ''],
    ['Ctrl-D is no answer', ['abc\u0004'], undefined],
  ])('%s', async (_, chunks, answer) => {
    expect((await type(...chunks)).answer).toBe(answer);
  });

  test('Ctrl-C is an interruption, and the terminal is as it was', async () => {
    const keyboard = new Keyboard();
    const asking = readSecret('?', keyboard as unknown as SecretInput, { write: () => true });
    keyboard.emit('data', Buffer.from('ab\u0003'));
    await expect(asking).rejects.toMatchObject({ code: 'interrupted' });
    expect([keyboard.modes, keyboard.listenerCount('data')]).toEqual([[true, false], 0]);
  });

  test('where there is no terminal nobody is asked', async () => {
    const pipe = Object.assign(new Keyboard(), { isTTY: false });
    expect(await readSecret('?', pipe as unknown as SecretInput, { write: () => true })).toBeUndefined();
    expect(pipe.modes).toEqual([]);
  });
});
