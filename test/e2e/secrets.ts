import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from '../../src/sandbox';
import type { Project } from './project';

/** Everything that must not be in a state or a synthesized stack. */
export function secretsOf(project: Project, sandbox: Sandbox): string[] {
  const keys = sandbox.clusters.map(({ clientBundle }) => readFileSync(join(clientBundle, 'key.pem'), 'utf8'));
  return [
    sandbox.registry.password,
    project.environment['DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE']!,
    project.environment['DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE']!,
    // A line from within each private key, as text may hold it in any quoting.
    ...keys.map((pem) => pem.split('\n')[2]!.trim()),
  ];
}

/** Files of the project, by path, that Terraform or the CDK wrote: states, synthesized stacks, lock files. */
export function writtenFiles({ folder }: Project): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const written = files.filter((file) => /(\.tfstate(\.backup)?|cdk\.tf\.json|\.terraform\.lock\.hcl)$/.test(file));
  return Object.fromEntries(written.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}
