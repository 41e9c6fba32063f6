import { type Json, makeKey } from '../contract/handmade';
import { HandmadeRepository } from '../contract/repository';
import { describeCasesOn } from './cases';
import { ourClient } from './ours';
import { openStage, type Stage } from './stage';
import { underTest } from './under-test';
import { localKeys } from './variants';

describeCasesOn([localKeys], 'What a role signed outside its paths', (testCase, variant) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(variant);
  });
  afterAll(() => stage.close());
  const server = variant.name;

  /** rel-1 and v1, in the files of both roles; paths of alice and of releases. */
  async function begin(name: string, alice: readonly string[], releases: readonly string[]) {
    const { stack } = stage;
    const direct = underTest(stack);
    const made = await HandmadeRepository.create(direct, name);
    const key = makeKey();
    const target = { hashes: { sha256: Buffer.alloc(32, 7).toString('base64') }, length: 7 };
    const file = made.targets(1, { keys: [key], change: { targets: { 'rel-1': target, v1: target } } });
    const role = (of: string, paths: readonly string[]): Json => {
      return { keyids: [key.id], name: of, paths: [...paths], threshold: 1 };
    };
    const roles = [role('targets/alice', alice), role('targets/releases', releases)];
    const delegations = { keys: { [key.id]: key.object }, roles };
    const reply = await made.publish({
      targets: made.targets(2, { change: { delegations } }),
      'targets/alice': file,
      'targets/releases': file,
    });
    expect(reply).toMatchObject({ status: 200 });
    const operator = await stack.operator(name.replace('/', '-'));
    const { repository, close } = ourClient(stack, operator, name);
    const data = await repository.read();
    const outlook = await (await repository.open()).outlook();
    await close();
    await direct.close();
    const listed = await operator.notary(['list', made.gun, '--roles', 'targets/releases', '--roles', 'targets/alice']);
    const pulled = async (tag: string): Promise<boolean> =>
      operator.notary(['lookup', made.gun, tag]).then(
        () => true,
        () => false,
      );
    return { data: data!, outlook, listed: listed.stdout, pulled, operator, gun: made.gun };
  }

  testCase({ what: 'in targets/releases: neither notary nor we go by it', server }, async () => {
    const { data, outlook, listed, pulled } = await begin('admin/paths-releases', [''], ['rel-']);
    expect([await pulled('rel-1'), listed.includes('targets/releases')]).toEqual([true, true]);
    expect([...data.releasedTargets.keys()]).toEqual(['rel-1']);
    expect(data.signature('rel-1', 'alice')).toMatchObject({ isReleased: true });
    expect(data.signature('v1', 'alice')).toMatchObject({ isReleased: false });
    expect((outlook.get('v1') ?? []).map(({ role }) => role)).toEqual(['targets/alice']);
    expect(listed).not.toMatch(/v1 .*targets\/releases/);
  });

  testCase({ what: 'in a signer’s file, too: only docker trust inspect shows it', server }, async () => {
    const { data, outlook, listed, pulled, operator, gun } = await begin('admin/paths-signer', ['rel-'], ['rel-']);
    expect(await pulled('v1')).toBe(false);
    expect(listed).not.toContain('v1');
    expect([data.tags, data.signatures('v1')]).toEqual([['rel-1'], []]);
    expect([...outlook.keys()]).toEqual(['rel-1']);
    // docker trust inspect alone does not look at paths (notary, GetAllTargetMetadataByName of no name); docker pull does, as lookup
    expect((await operator.inspect(gun)).SignedTags.map(({ SignedTag }) => SignedTag)).toEqual(['rel-1', 'v1']);
  });
});
