import { gun, RepositoryInMemory, start } from '../../notary/draft/in-memory';
import { PrivateKey, TrustDraft, keysAtHand } from '../../../src/notary';
import { checkPath } from '../../../src/notary/draft/refusals';
import { nextVersion } from '../../../src/notary/draft/view';
import {
  droppedContent,
  type DraftNote,
  healedRole,
  healedTags,
  restoredTargets,
  resurrectedTags,
  stillDamaged,
  stillOvertaken,
  stillWithheld,
  unsignedTags,
} from '../../../src/notary/draft/notes';
import { rootCertificate } from '../../../src/notary/keys';
import { diagnosticsOf, type Report } from './catalogue';

const [alice, bob, carol] = [PrivateKey.generate(), PrivateKey.generate(), PrivateKey.generate()];
const image = { sha256: '1'.repeat(64), length: 100 };
const other = { sha256: '2'.repeat(64), length: 100 };

type Intent = (draft: TrustDraft) => unknown;

/** What becomes of a change with these keys, after others with all keys. */
function change(keys: readonly PrivateKey[], intent: Intent, ...before: Intent[]) {
  return async () => {
    const repository = await RepositoryInMemory.create();
    for (const each of before) await repository.change([alice, bob, carol, repository.rootKey], each);
    return repository.change(keys, intent);
  };
}

/** What the change has to say, as the provider shows it. */
function note(...changes: Parameters<typeof change>) {
  return async (): Promise<Report[]> => {
    const { notes } = await change(...changes)();
    return notes.map(({ message }) => ({ severity: 'warning', ...asWarning(message) }));
  };
}

const signer =
  (name: string, key: PrivateKey): Intent =>
  (draft) =>
    draft.addSigner(name, [key.publicKey]);
const sign =
  (name: string, what = image, tag = 'v1'): Intent =>
  (draft) =>
    draft.signTag(name, tag, what);
const without =
  (name: string, allowUnsigning = false): Intent =>
  (draft) =>
    draft.removeSigner(name, { allowUnsigning });

diagnosticsOf('draft', {
  no_trust_data: () =>
    TrustDraft.over(gun, undefined, { keys: keysAtHand(undefined), now: start }).addSigner('alice', []),
  already_initialised: async () => {
    const repository = await RepositoryInMemory.create();
    return repository.change([], (draft) => {
      draft.initialise(repository.newRepository());
    });
  },
  'unknown_signer: others': change([bob], sign('bob'), signer('alice', alice)),
  'unknown_signer: none': change([bob], sign('bob')),
  'key_not_at_hand: signer': change([], sign('alice'), signer('alice', alice)),
  'key_not_at_hand: targets': async () => {
    const repository = await RepositoryInMemory.create();
    const draft = TrustDraft.over(gun, repository.view(), { keys: keysAtHand(undefined), now: start });
    draft.addSigner('alice', [alice.publicKey]);
    return draft.finish();
  },
  'key_not_at_hand: rotation': change([], (draft) => draft.rotate({ targets: PrivateKey.generate() })),
  'key_not_at_hand: root certificate': change([], (draft) => {
    return draft.renew(['root_certificate'], new Date('2060-01-01T00:00:00Z'));
  }),
  'key_not_at_hand: renewal': change(
    [],
    (draft) => draft.renew(['targets/alice'], new Date('2060-01-01T00:00:00Z')),
    signer('alice', alice),
    sign('alice'),
  ),
  'key_not_at_hand: no key left': change([carol], sign('alice', image, 'v2'), signer('alice', alice), (draft) => {
    return draft.setSignerKeys('alice', [bob.publicKey], { allowUnsigning: true });
  }),
  conflicting_digest: change([bob], sign('bob', other), signer('alice', alice), signer('bob', bob), sign('alice')),
  'conflicting_digest: nobody’s': change(
    [bob],
    sign('bob', other),
    signer('alice', alice),
    signer('bob', bob),
    sign('alice'),
    without('alice', true),
  ),
  'would_unsign: another certificate': change(
    [],
    (draft) => draft.setSignerKeys('alice', [rootCertificate(alice, gun, start)]),
    signer('alice', alice),
    sign('alice'),
  ),
  unsigned_meanwhile: async () => {
    const repository = await signed();
    const before = repository.view()?.targets.signed.delegations;
    await repository.change([], without('alice', true));
    const view = { ...repository.view()!, declaredBefore: before };
    return TrustDraft.over(gun, view, { keys: keysAtHand(undefined), now: start }).finish();
  },
  'withheld_metadata: a signer’s': withheld((draft) => draft.revokeTag('alice', 'v1')),
  'withheld_metadata: releases': withheld((draft) => draft.signTag('bob', 'v1', image)),
  'withheld_metadata: keys': withheld((draft) => {
    draft.removeSigner('alice');
    return draft.finish();
  }),
  version_too_high: async () => nextVersion((await signed()).view(), 'targets/alice', 2 ** 53 - 2),
  no_keys: change([], (draft) => draft.addSigner('alice', [])),
  path_not_allowed: () => {
    checkPath(gun, { name: 'targets/alice', paths: ['release/'], keyids: [], threshold: 1 }, 'v1');
  },
  'warning: tags that come back': note(
    [],
    signer('alice', alice),
    signer('alice', alice),
    signer('bob', bob),
    sign('alice'),
    without('alice', true),
  ),
  'warning: tags that come back, at plan': said(
    resurrectedTags(gun, 'targets/alice', ['v1', 'v2']).map(({ planned = '', ...note }) => {
      return { ...note, message: planned };
    }),
  ),
  'warning: tags that nobody stands behind': note(
    [bob],
    without('alice', true),
    signer('alice', alice),
    signer('bob', bob),
    sign('alice'),
  ),
  'warning: tags left unsigned': said([unsignedTags(gun, 'targets/alice', 'v1 (signed by alice)')]),
  'warning: tags left unsigned, at plan': said([
    { code: 'unsigned_tags', message: unsignedTags(gun, 'targets/alice', 'v1 (signed by alice)').planned ?? '' },
  ]),
  'warning: another signer’s digest': note(
    [bob],
    (draft) => draft.signTag('bob', 'v1', other, { replaces: [image.sha256] }),
    signer('alice', alice),
    signer('bob', bob),
    sign('alice'),
  ),
  'warning: unsigned content': said(droppedContent(gun, 'targets/alice', ['v1', 'v2'])),
  'warning: healed tags': said(healedTags(gun, 'targets/alice', ['v1', 'v2'])),
  'warning: healed role': said([healedRole(gun, 'targets', ['v1'], ['bob', 'alice'])]),
  'warning: still damaged': said([stillDamaged(gun, 'targets', [alice.canonicalId])]),
  'warning: targets still out of force': said([stillOvertaken(gun, 7, [alice.canonicalId])]),
  'warning: targets in force again': said([restoredTargets(gun, 7, ['bob', 'alice'])]),
  'warning: withheld': said([stillWithheld(gun, 'targets/alice')]),
});

/** alice has signed v1, and bob nothing yet. */
async function signed(): Promise<RepositoryInMemory> {
  const repository = await RepositoryInMemory.create();
  for (const each of [signer('alice', alice), signer('bob', bob), sign('alice')])
    await repository.change([alice], each);
  return repository;
}

/** What becomes of a change while no file of a delegation is given out. */
function withheld(intent: Intent) {
  return async () => {
    const repository = await signed();
    const view = { ...repository.view()!, delegations: new Map() };
    const keys = keysAtHand(undefined, [alice, bob, repository.targetsKey]);
    return intent(TrustDraft.over(gun, view, { keys, now: start }));
  };
}

/** Their causes take a server that gives out bytes that nobody sent: see test/notary/repository/healing.test.ts. */
function said(notes: readonly DraftNote[]) {
  return (): Report[] => notes.map(({ message }) => ({ severity: 'warning', ...asWarning(message) }));
}

function asWarning(message: string): Pick<Report, 'summary' | 'detail'> {
  return { summary: message, detail: '' };
}
