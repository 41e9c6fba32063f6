import { DctError } from '../../../src/error';
import { UNKNOWN } from '../../../src/plugin';
import { defaultFrom, known, unlessUnknown } from '../../../src/provider/configuration/unknown-configuration';

describe('defaultFrom', () => {
  it.each([
    ['what is configured', 'here', 'there', 'before', 'here'],
    ['that it is not known', UNKNOWN, 'there', 'before', UNKNOWN],
    ['the provider’s', null, 'there', 'before', 'there'],
    ['what it was, while the provider’s is not known', null, UNKNOWN, 'before', 'before'],
    ['that it is not known, while it was nothing', null, UNKNOWN, undefined, UNKNOWN],
    ['what it was, where the provider has none', null, null, 'before', 'before'],
  ] as const)('gives %s', (_, configured, fallback, prior, expected) => {
    expect(defaultFrom<string>(configured, fallback, prior)).toBe(expected);
  });
});

describe('unlessUnknown', () => {
  it('falls back only where the configuration is unknown', async () => {
    expect(
      await unlessUnknown(
        () => known<string | typeof UNKNOWN>(UNKNOWN, 'x'),
        () => 'other',
      ),
    ).toBe('other');
    const broken = (): string => {
      throw new DctError('other', 'broken');
    };
    await expect(unlessUnknown(broken, () => 'other')).rejects.toThrow('broken');
  });
});
