import { DctError } from '../../../src/error';
import { Activity } from '../../../src/provider/connection/activity';

const PATIENCE = 60;
const wrong = (message = 'wrong alone') => new DctError('would_unsign', message, { cure: `mend ${message}` });
const always = (): boolean => true;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

let activity: Activity;
beforeEach(() => {
  activity = new Activity(PATIENCE);
});

describe('at plan', () => {
  /** Right once so many others have arrived. */
  const after = (count: { arrived: number }, wanted: number) => () =>
    count.arrived >= wanted ? Promise.resolve('right') : Promise.reject(wrong());

  test('what is wrong alone is tried again when another change arrives', async () => {
    const count = { arrived: 0 };
    const waiting = activity.during(() => activity.together(after(count, 2), always));
    for (count.arrived = 1; count.arrived < 3; count.arrived++) {
      await pause(5);
      activity.arrive();
    }
    expect(await waiting).toBe('right');
  });

  test('what arrives while it fails is not waited for again', async () => {
    let tries = 0;
    const attempt = (): Promise<string> => {
      if (++tries > 1) return Promise.resolve('right');
      activity.arrive();
      return Promise.reject(wrong());
    };
    expect(await activity.during(() => activity.together(attempt, always))).toBe('right');
  });

  test('it is wrong in the end where nobody comes, and at once where nobody can mend it', async () => {
    const attempt = jest.fn(() => Promise.reject(wrong()));
    await expect(activity.during(() => activity.together(attempt, always))).rejects.toThrow('wrong alone');
    expect(attempt).toHaveBeenCalledTimes(1);
    const never = activity.during(() =>
      activity.together(
        () => Promise.reject(new Error('broken')),
        () => false,
      ),
    );
    await expect(never).rejects.toThrow('broken');
  });

  test('a call that is under way is waited for, however long it takes', async () => {
    const count = { arrived: 0 };
    const slow = activity.during(async () => {
      await pause(3 * PATIENCE);
      count.arrived = 1;
      activity.arrive();
    });
    expect(await activity.during(() => activity.together(after(count, 1), always))).toBe('right');
    await slow;
  });

  test('where all wait, all but one end; that one says what is wrong with each', async () => {
    const ends = await Promise.allSettled(
      ['a', 'b', 'c'].map((name) =>
        activity.during(() => activity.together(() => Promise.reject(wrong(name)), always)),
      ),
    );
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    const [failed] = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as DctError] : []));
    expect(failed?.message.split('\n\n').sort()).toEqual(['a', 'b', 'c']);
    expect(failed?.cure?.split('; ').sort()).toEqual(['mend a', 'mend b', 'mend c']);
    // and what was said once is not said again
    expect(await activity.during(() => activity.together(() => Promise.resolve('right'), always))).toBe('right');
  });
});

describe('at apply', () => {
  test('work is done again when something else has ended', async () => {
    let isMade = false;
    const work = () => (isMade ? Promise.resolve('right') : Promise.reject(wrong()));
    const waiting = activity.during(() => activity.patiently(work, always));
    await activity.during(async () => {
      await pause(5);
      isMade = true;
    });
    expect(await waiting).toBe('right');
  });

  test('where all wait for each other one gives up, and the others go on', async () => {
    const gone = new Set<string>();
    const call = async (name: string, needs: string) => {
      const work = () => (gone.has(needs) ? Promise.resolve(name) : Promise.reject(wrong(name)));
      try {
        return await activity.during(() => activity.patiently(work, always));
      } finally {
        gone.add(name);
      }
    };
    const ends = await Promise.allSettled([call('a', 'c'), call('b', 'a'), call('c', 'b')]);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });
});
