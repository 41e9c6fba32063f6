import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ProviderDefinition } from '../src/plugin';
import { errorsPage } from './docs-errors';
import { dataSourcePage, functionPage, indexPage, resourcePage, type Examples } from './docs-pages';
import { verdictsPage } from './docs-verdicts';

/** What `writeDocs` writes, below the folder it is given. */
export const DOCS = ['index.md', 'errors.md', 'verdicts.md', 'resources', 'data-sources', 'functions'];

/**
 * Writes the reference pages of a provider in the layout of the Terraform registry, from its declaration and the files
 * below `examples` (`resources/<type>/resource.tf` and `import.sh`, `data-sources/<type>/data-source.tf`,
 * `functions/<name>/function.tf`, `provider/provider.tf`). What was there is removed.
 * https://developer.hashicorp.com/terraform/registry/providers/docs
 */
export function writeDocs(provider: ProviderDefinition, examples: string, directory: string): void {
  for (const name of DOCS) rmSync(join(directory, name), { recursive: true, force: true });
  for (const [file, text] of pages(provider, examplesIn(examples))) {
    const path = join(directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

function pages(provider: ProviderDefinition, examples: Examples): [file: string, text: string][] {
  return [
    ['index.md', indexPage(provider, examples)],
    ['errors.md', errorsPage()],
    ['verdicts.md', verdictsPage()],
    ...provider.resources.map((resource): [string, string] => [
      `resources/${resource.name}.md`,
      resourcePage(provider, resource, examples),
    ]),
    ...(provider.dataSources ?? []).map((source): [string, string] => [
      `data-sources/${source.name}.md`,
      dataSourcePage(provider, source, examples),
    ]),
    ...(provider.functions ?? []).map((called): [string, string] => [
      `functions/${called.name}.md`,
      functionPage(provider, called, examples),
    ]),
  ];
}

/** The text of an example; undefined where there is none (a test asks for each). */
function examplesIn(directory: string): Examples {
  return (file) => {
    const path = join(directory, file);
    return existsSync(path) ? readFileSync(path, 'utf8').trimEnd() : undefined;
  };
}
