import type { BodyPart, HttpRequest } from '../../src/http';
import { type DraftNote, type Intent, PrivateKey, type RoleName } from '../../src/notary';
import { describeCases } from './cases';
import { ourClient } from './ours';
import { openStage, type Scene, type Stage, seenBy } from './stage';
import { likeDtr, localKeys } from './variants';

// Somebody published bytes that Go would write in another way: the server took them, and nobody can read the repository any more.

describeCases('Repositories of docker that somebody bricked', (testCase) => {
  describe.each([localKeys, likeDtr])('$name', (variant) => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await openStage(variant);
    });
    afterAll(() => stage.close());
    const about = (what: string) => ({ what, theirs: ['docker'] as const, server: variant.name });

    /** Alice signed v1, with docker's key store; then somebody publishes this, the file of `role` with a newline at its end. */
    async function brick(role: RoleName, intent: Intent): Promise<Scene & { digest: string }> {
      const scene = await stage.begin();
      await scene.addSigner('alice', await scene.generate('alice'));
      const { sha256 } = await scene.push('v1');
      await scene.operator.docker(['trust', 'sign', `${scene.gun}:v1`]);
      let left = 1;
      const careless = ourClient(stage.stack, scene.operator, scene.name, {
        before: (request) => (request.method === 'POST' && left-- > 0 ? withNewline(request, role) : request),
      });
      await expect(careless.repository.change(intent)).rejects.toMatchObject({ code: 'not_byte_exact' });
      await careless.close();
      return { ...scene, digest: sha256 };
    }

    testCase(about('targets: docker is stuck; we sign them again, docker reads and signs on'), async () => {
      const scene = await brick('targets', (draft) => draft.addSigner('bob', [PrivateKey.generate().publicKey]));
      await expect(scene.inspectAnew()).rejects.toThrow(/no signatures or cannot access/);
      const carol = await scene.file('carol', PrivateKey.generate().publicKey);
      await expect(scene.addSigner('carol', carol)).rejects.toThrow(/trust data missing|not found|does not have/);
      const notes = await heal(scene);
      expect(notes.map(({ code }) => code)).toEqual(['healed']);
      const seen = await scene.inspectAnew();
      expect(seen.tags).toEqual({ v1: [scene.digest, 'alice'] });
      expect(Object.keys(seen.signers).sort()).toEqual(['alice', 'bob']);
      await signsOn(scene);
    });

    // on a database: healing.test.ts
    if (variant === likeDtr) return;
    testCase(about('a signer’s file: we sign it again, docker reads and signs on'), async () => {
      const other = await stage.stack.push('admin/other', 'v0');
      const scene = await brick('targets/alice', (draft) => draft.signTag('alice', 'v0', other));
      await heal(scene);
      expect((await scene.inspectAnew()).tags).toEqual({
        v0: [other.sha256, 'alice'],
        v1: [scene.digest, 'alice'],
      });
      await signsOn(scene);
    });

    async function heal(scene: Scene): Promise<DraftNote[]> {
      let notes: DraftNote[] = [];
      await scene.repository.change(async (draft) => {
        notes = await draft.heal();
      });
      return notes;
    }

    async function signsOn(scene: Scene): Promise<void> {
      const image = await scene.push('v2');
      await scene.operator.docker(['trust', 'sign', `${scene.gun}:v2`]);
      expect((await seenBy(scene.operator, scene.gun)).tags).toMatchObject({ v2: [image.sha256, 'alice'] });
      expect((await scene.repository.read())?.signature('v2', 'alice')).toMatchObject({ ...image, isReleased: true });
    }
  });
});

function withNewline(request: HttpRequest, role: RoleName): HttpRequest {
  if (!Array.isArray(request.body)) return request;
  const body = request.body.map((part: BodyPart) =>
    part.filename === role ? { ...part, bytes: Buffer.concat([part.bytes, Buffer.from('\n')]) } : part,
  );
  return { ...request, body };
}
