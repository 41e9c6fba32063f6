import { UNKNOWN } from '../../../src/plugin';
import { pinsFor } from '../../../src/provider/connection/pins';
import { configurationOf } from '../configuration/configuration-of';

describe('pinsFor', () => {
  const pins = {
    'dtr.example.com': ['a'],
    'dtr.example.com/admin': ['b'],
    'dtr.example.com/admin/trustdemo': ['c'],
    'dtr.example.com/slash/': ['d'],
  };
  it.each([
    ['dtr.example.com/admin/trustdemo', ['c']],
    ['dtr.example.com/admin/trustdemo2', ['b']],
    ['dtr.example.com/administrator/x', ['a']],
    ['dtr.example.com/slash/x', ['d']],
    ['other.example.com/admin/trustdemo', undefined],
    ['dtr.example.com.evil.org/admin', undefined],
  ])('gives %s the pins of its longest prefix, by whole segments', (gun, expected) => {
    expect(pinsFor(configurationOf({ root_pins: pins }), gun)).toEqual(expected);
  });

  it('says that pins are not known yet rather than that there are none', () => {
    const config = configurationOf({ root_pins: { 'dtr.example.com': UNKNOWN } });
    expect(() => pinsFor(config, 'dtr.example.com/admin/x')).toThrow('root_pins["dtr.example.com"] is not known');
  });
});
