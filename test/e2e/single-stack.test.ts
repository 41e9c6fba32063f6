import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { putDemoImage, type Sandbox } from '../../src/sandbox';
import { endSoon } from '../acceptance/by-hand';
import { Project } from './project';

jest.setTimeout(240_000);

describe('when the example of the README is deployed', () => {
  let project: Project;
  let sandbox: Sandbox;

  beforeAll(async () => {
    project = new Project('examples/single-stack');
    sandbox = await project.startSandbox({ directory: project.path('sandbox'), clusters: 2 });
    cpSync(sandbox.registry.caFile, project.path('ca.pem'));
    cpSync(project.path('sandbox/bundles'), project.path('bundles'), { recursive: true });
    const digest = await putDemoImage(sandbox.dtr, 'admin/trustdemo', '1');
    const code = project.read('main.ts');
    expect(code).toContain('dtr.example.com');
    Object.assign(process.env, project.environment);
    writeFileSync(
      project.path('main.ts'),
      code.replaceAll('dtr.example.com', sandbox.registry.hostAddress).replace(/sha256:0+/, digest),
    );
  });
  afterAll(() => project.close());

  it('is word for word what the README shows', () => {
    const root = resolve(__dirname, '../..');
    const example = readFileSync(resolve(root, 'examples/single-stack/main.ts'), 'utf8');
    expect(readFileSync(resolve(root, 'README.md'), 'utf8')).toContain(example);
  });

  it('lets the cluster run the image, and has nothing left to change', async () => {
    await project.cdktf('deploy', 'trust', '--auto-approve');
    await project.expectNoChanges('trust');
    const image = `${sandbox.registry.hostAddress}/admin/trustdemo:1`;
    await expect(
      project.docker(project.path('bundles/cluster2'), 'service', 'create', '--detach', image),
    ).resolves.toBeTruthy();
  });

  it('shows drift, and what ends soon, as the README says', async () => {
    const ucp = sandbox.ucp('cluster2');
    await ucp.setConfig(ucp.config.replace('docker-datacenter/release', 'docker-datacenter/qa'));
    const world = { sandbox, trustStore: project.path('trust') };
    const end = new Date(Date.now() + 20 * 86_400_000);
    await endSoon(world, 'cluster2admin', { key: project.read('bundles/cluster2/key.pem'), end });
    expectShown(await project.cdktf('diff', 'trust'), planning(0));
  });

  it('refuses to lock the cluster out, as the README says', async () => {
    await project.cdktf('deploy', 'trust', '--auto-approve');
    const code = project.read('main.ts');
    writeFileSync(project.path('main.ts'), code.replace("signedBy: ['cluster2/cluster2admin']", 'signedBy: []'));
    const refused = await project.cdktf('diff', 'trust').catch((error: unknown) => String(error));
    writeFileSync(project.path('main.ts'), code);
    expectShown(refused, planning(1));
  });

  it('goes again', async () => {
    await project.cdktf('destroy', 'trust', '--auto-approve');
  });

  /** Expects the lines one right after the other, blank ones aside; with others between them only where it says `…`. */
  function expectShown(output: string, lines: readonly string[]): void {
    const shown = withoutBlank(
      output
        .replaceAll(sandbox.registry.hostAddress, 'dtr.example.com')
        .replace(/"[0-9a-f]{64}"/g, '"5e1c…"')
        .replace(/expires on \d{4}-\d\d-\d\d/g, 'expires on 2026-12-14')
        .split('\n')
        .map((line) => line.replace(/^trust {2}/, '')),
    );
    let from = 0;
    for (const part of partsOf(lines)) {
      const found = shown.findIndex((_, at) => at >= from && part.every((line, index) => shown[at + index] === line));
      if (found < 0) throw new Error(`${part.join('\n')}\n\nis not, as it is, in\n\n${shown.slice(from).join('\n')}`);
      from = found + part.length;
    }
  }
});

/** One of the outputs in the README’s section on planning. */
function planning(index: number): string[] {
  const readme = readFileSync(resolve(__dirname, '../../README.md'), 'utf8');
  const [, section = ''] = /^## Planning\n([\s\S]*?)^## /m.exec(readme) ?? [];
  const block = [...section.matchAll(/^```text\n([\s\S]*?)^```$/gm)][index]?.[1];
  const lines = withoutBlank((block ?? '').split('\n'));
  expect(lines.length).toBeGreaterThan(5);
  return lines;
}

function withoutBlank(lines: readonly string[]): string[] {
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

/** What stands together between lines that are `…`. */
function partsOf(lines: readonly string[]): string[][] {
  return lines.reduce<string[][]>(
    (parts, line) => (line === '…' ? [...parts, []] : [...parts.slice(0, -1), [...(parts.at(-1) ?? []), line]]),
    [[]],
  );
}
