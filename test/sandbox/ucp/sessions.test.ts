import { Sessions } from '../../../src/sandbox/ucp/sessions';

const limits = { lifetimeMinutes: 60, renewalThresholdMinutes: 20, perUserLimit: 3 };
let now: number;
let sessions: Sessions;

beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
  sessions = new Sessions({ now: () => new Date(now) }, () => limits);
});

function passMinutes(minutes: number): void {
  now += minutes * 60_000;
}

describe('when a user logs in over the limit', () => {
  test('the least recently used session ends, not the oldest', () => {
    const [first, second, third] = [sessions.open('anna'), sessions.open('anna'), sessions.open('anna')];
    sessions.use(first);
    const fourth = sessions.open('anna');
    expect([first, second, third, fourth].map((token) => sessions.use(token))).toEqual([
      'anna',
      undefined,
      'anna',
      'anna',
    ]);
  });

  test('sessions of others are left alone', () => {
    const other = sessions.open('ben');
    for (let count = 0; count < 5; count += 1) sessions.open('anna');
    expect(sessions.use(other)).toBe('ben');
  });
});

describe('when time passes', () => {
  test('an idle session ends with its lifetime', () => {
    const token = sessions.open('anna');
    passMinutes(60);
    expect(sessions.use(token)).toBeUndefined();
  });

  test('use near its end renews a session, use before does not', () => {
    const [early, late] = [sessions.open('anna'), sessions.open('anna')];
    passMinutes(10);
    sessions.use(early);
    passMinutes(35);
    sessions.use(late);
    passMinutes(20);
    expect([sessions.use(early), sessions.use(late)]).toEqual([undefined, 'anna']);
  });
});

test('a closed session is gone', () => {
  const token = sessions.open('anna');
  sessions.close(token);
  expect(sessions.use(token)).toBeUndefined();
});
