import { DctError } from '../../../src/error';
import { nameAttributes } from '../../../src/provider/errors/attribute-of-error';
import { dctProvider } from '../../../src/provider/provider';

const { resources } = dctProvider;

/** What becomes of an error that each handler throws. */
async function thrown(name: string, code: string, attribute?: string): Promise<(readonly string[] | undefined)[]> {
  const found = resources.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no resource ${name}`);
  const fail = (): never => {
    throw new DctError(code, 'said by the test', { cure: 'none', ...(attribute && { attribute: [attribute] }) });
  };
  const named = nameAttributes({
    ...found,
    ...{ plan: fail, read: fail, create: fail, update: fail, delete: fail },
  });
  const nothing = undefined as never;
  const handlers: (() => unknown)[] = [
    () => named.plan?.(nothing),
    () => named.read(nothing),
    () => named.create(nothing),
    () => named.update?.(nothing),
    () => named.delete(nothing),
  ];
  return Promise.all(
    handlers.map(async (handler) => {
      try {
        await handler();
        throw new Error('it threw nothing');
      } catch (error) {
        if (!(error instanceof DctError)) throw error;
        expect(error).toMatchObject({ code, message: 'said by the test', cure: 'none' });
        return error.attribute?.map(String);
      }
    }),
  );
}

describe('where the error of a resource comes from', () => {
  test.each([
    ['repository', 'wrong_registry', 'name'],
    ['repository', 'already_exists', 'name'],
    ['signer_delegation', 'wrong_registry', 'repository'],
    ['signer_delegation', 'no_trust_data', 'repository'],
    ['signer_delegation', 'already_exists', 'signer'],
    ['signer_delegation', 'would_unsign', 'public_keys'],
    ['signed_tag', 'wrong_registry', 'repository'],
    ['signed_tag', 'unknown_signer', 'signer'],
    ['signed_tag', 'key_not_at_hand', 'signer'],
    ['signed_tag', 'image_not_found', 'digest'],
    ['signed_tag', 'conflicting_digest', 'digest'],
    ['trusted_registry', 'already_exists', 'host_address'],
    ['enforcement', 'already_exists', 'cluster'],
  ])('dct_%s, %s: %s, but for a destroy', async (name, code, attribute) => {
    expect(resources.find((each) => each.name === name)?.attributes).toHaveProperty(attribute);
    expect(await thrown(name, code)).toEqual([[attribute], [attribute], [attribute], [attribute], undefined]);
  });

  test('what names one already keeps it, and what comes from none has none', async () => {
    const tag = [['tag'], ['tag'], ['tag'], ['tag'], ['tag']];
    expect(await thrown('signed_tag', 'unknown_signer', 'tag')).toEqual(tag);
    expect(await thrown('signed_tag', 'server_failed')).toEqual(Array(5).fill(undefined));
  });
});
