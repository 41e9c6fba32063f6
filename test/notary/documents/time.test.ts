import fc from 'fast-check';
import { formatTime, instantOf } from '../../../src/notary/documents';
import { failing } from '../failing';
import { normaliseTime } from '../../../src/notary/documents/time';

describe('when a time is written', () => {
  it.each([
    ['2030-01-02T03:04:05.120Z', '2030-01-02T03:04:05.12Z'],
    ['2030-01-02T03:04:10.000Z', '2030-01-02T03:04:10Z'],
    ['2030-01-02T03:00:00.000Z', '2030-01-02T03:00:00Z'],
    ['2030-01-02T03:04:05.001Z', '2030-01-02T03:04:05.001Z'],
    ['2030-01-02T03:04:05.100Z', '2030-01-02T03:04:05.1Z'],
  ])('%s becomes %s', (iso, expected) => {
    expect(formatTime(new Date(iso))).toBe(expected);
  });

  it('is the same instant again and already in normal form', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        expect(instantOf(formatTime(date)).getTime()).toBe(date.getTime());
        expect(normaliseTime(formatTime(date))).toBe(formatTime(date));
      }),
    );
  });

  it('refuses a year that RFC 3339 has no room for', () => {
    expect(failing(() => formatTime(new Date('+010000-01-01T00:00:00Z')))?.code).toBe('malformed_document');
  });
});

describe('when a time is read', () => {
  it.each([
    ['2036-11-20T06:23:40.017456339Z', '2036-11-20T06:23:40.017456339Z'],
    ['2030-01-02T03:04:05.120Z', '2030-01-02T03:04:05.12Z'],
    ['2030-01-02T03:04:05.000Z', '2030-01-02T03:04:05Z'],
    ['2030-01-02T03:04:05+00:00', '2030-01-02T03:04:05Z'],
    ['2030-01-02T03:04:05.5+02:00', '2030-01-02T03:04:05.5+02:00'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00Z'],
  ])('%s is %s, as Go writes it', (given, expected) => {
    expect(normaliseTime(given)).toBe(expected);
  });

  it.each([
    '2030-02-31T00:00:00Z',
    '2030-01-01T24:00:00Z',
    '2030-01-01T00:60:00Z',
    '2030-13-01T00:00:00Z',
    '2029-02-29T00:00:00Z',
    '2030-01-01t00:00:00z',
    '2030-01-01 00:00:00Z',
    '2030-01-01T00:00:00',
    '2030-01-01',
    '',
    '1893456000',
    '2030-01-01T00:00:00.Z',
    '2030-01-01T00:00:00.1234567890Z',
    '2030-01-01T00:00:00+24:00',
    ' 2030-01-01T00:00:00Z',
  ])('%p is refused', (given) => {
    expect(normaliseTime(given)).toBeUndefined();
  });

  it('honours the zone', () => {
    expect(instantOf('2030-01-02T03:04:05.5+02:00').toISOString()).toBe('2030-01-02T01:04:05.500Z');
  });
});
