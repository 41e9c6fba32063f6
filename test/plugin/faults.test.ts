import { computed, definitions, optional, providerDefinition, required, string } from '../../src/plugin';
import { applyResourceChange } from '../../src/plugin/calls/apply';
import { planResourceChange } from '../../src/plugin/calls/plan';
import { ProviderServer, Session } from '../../src/plugin/calls/server';
import { NONE, sent, shown, silent, UNKNOWN } from './wire';

describe('when a handler is wrong', () => {
  const define = definitions<null>();
  const attributes = {
    name: required(string, { description: '' }),
    place: optional(string, { description: '', computed: true }),
    id: computed(string, { description: '' }),
  };
  const state = { name: 'N', place: 'p', id: 'i' };
  const request = {
    typeName: 'wrong_thing',
    priorState: sent(null),
    plannedState: sent({ ...state, id: UNKNOWN }),
    config: sent({ ...state, id: null }),
    plannedPrivate: NONE,
  };
  const wrong = (handlers: object, explain?: (error: unknown) => { summary: string }) => {
    const thing = define.resource({
      name: 'thing',
      description: '',
      attributes,
      create: () => state,
      read: () => state,
      update: () => state,
      delete: () => undefined,
      ...handlers,
    });
    const definition = providerDefinition({
      name: 'wrong',
      version: '1',
      attributes: {},
      configure: () => null,
      resources: [thing],
      explain,
    });
    const one = new Session();
    one.configured = { connection: null };
    return [new ProviderServer(definition, silent), one] as const;
  };
  const summary = 'The provider made a mistake in the create of wrong_thing';

  it('says which result contradicts the plan, and keeps it', async () => {
    const reply = await applyResourceChange(...wrong({ create: () => ({ ...state, name: 'M' }) }), request);
    expect(shown(reply)).toMatchObject({
      newState: { ...state, name: 'M' },
      diagnostics: [{ summary, attribute: { steps: [{ attributeName: 'name' }] } }],
    });
  });

  it('says what does not fit the declaration, and keeps the plan', async () => {
    const reply = await applyResourceChange(...wrong({ create: () => ({ ...state, id: 7 }) }), request);
    expect(shown(reply)).toMatchObject({
      newState: { ...state, id: null },
      diagnostics: [
        {
          summary,
          detail: 'At id: a number instead of a string. This is a mistake in the provider, not in the configuration.',
        },
      ],
    });
  });

  it('says which plan contradicts the configuration', async () => {
    const reply = await planResourceChange(...wrong({ plan: () => ({ ...state, name: 'M' }) }), {
      ...request,
      proposedNewState: sent(null),
      priorPrivate: NONE,
    });
    expect(shown(reply)).toMatchObject({
      diagnostics: [
        {
          summary: 'The provider made a mistake in the plan of wrong_thing',
          attribute: { steps: [{ attributeName: 'name' }] },
        },
      ],
    });
  });

  it('shows no stack of an error that only code makes', async () => {
    const create = () => {
      throw new TypeError('x is not a function');
    };
    expect((await applyResourceChange(...wrong({ create }), request)).diagnostics).toEqual([
      {
        severity: 1,
        summary,
        detail:
          'TypeError: x is not a function\nThis is a mistake in the provider. With TF_LOG=ERROR its place is in the log.',
        attribute: undefined,
      },
    ]);
  });

  it('lets the provider explain its own errors', async () => {
    const create = () => {
      throw new Error('E42');
    };
    const explain = (error: unknown) => ({ summary: `Explained: ${String(error)}` });
    expect((await applyResourceChange(...wrong({ create }, explain), request)).diagnostics).toMatchObject([
      { summary: 'Explained: Error: E42' },
    ]);
  });
});
