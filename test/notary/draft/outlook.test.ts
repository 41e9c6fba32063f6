import { PrivateKey } from '../../../src/notary/keys';
import { TrustDraft, type TrustView } from '../../../src/notary/draft';
import { gun, handful, RepositoryInMemory } from './in-memory';

const alice = PrivateKey.generate();
const image = { sha256: '1'.repeat(64), length: 100 };

/** The roles that count as having signed v1. */
async function roles(repository: RepositoryInMemory, change: (view: TrustView) => TrustView): Promise<string[]> {
  const view = repository.view();
  const draft = TrustDraft.over(gun, view && change(view), { keys: handful([]), now: repository.now });
  return ((await draft.outlook()).get('v1') ?? []).map(({ role }) => role);
}

describe('when it is asked what counts', () => {
  const signed = async (): Promise<RepositoryInMemory> => {
    const repository = await RepositoryInMemory.create();
    await repository.change([alice], async (draft) => {
      draft.addSigner('alice', [alice.publicKey]);
      await draft.signTag('alice', 'v1', image);
    });
    return repository;
  };

  test('a file that is signed and readable does', async () => {
    expect(await roles(await signed(), (view) => view)).toEqual(['targets/alice', 'targets/releases']);
  });

  test('a file that nobody can read does not, however well it is signed', async () => {
    const found = await roles(await signed(), (view) => ({
      ...view,
      delegations: new Map([...view.delegations].filter(([role]) => role !== 'targets/alice')),
      broken: new Map([...view.delegations].filter(([role]) => role === 'targets/alice')),
    }));
    expect(found).toEqual(['targets/releases']);
  });

  test.each([
    ['outside the paths of the signer', 'targets/alice', ['release-'], ['targets/releases']],
    ['outside the paths of releases', 'targets/releases', ['release-'], ['targets/alice']],
    ['of a role without paths', 'targets/alice', undefined, ['targets/releases']],
    ['within one of several paths', 'targets/alice', ['release-', 'v'], ['targets/alice', 'targets/releases']],
  ] as const)('a tag %s: only the others count', async (_, role, paths, counting) => {
    const found = await roles(await signed(), (view) => withPaths(view, role, paths));
    expect(found).toEqual(counting);
  });

  test('a file that has expired does not', async () => {
    const repository = await signed();
    repository.now = new Date('2029-06-01T00:00:00Z');
    expect(await roles(repository, (view) => view)).toEqual([]);
  });
});

/** The view with a role that may sign only what begins so. */
function withPaths(view: TrustView, name: string, paths: readonly string[] | undefined): TrustView {
  const { signed } = view.targets;
  const roles = (signed.delegations.roles ?? []).map((role) => {
    const { paths: all, ...rest } = role;
    return role.name === name ? { ...rest, ...(paths && { paths }) } : { ...rest, ...(all && { paths: all }) };
  });
  return {
    ...view,
    targets: { ...view.targets, signed: { ...signed, delegations: { ...signed.delegations, roles } } },
  };
}
