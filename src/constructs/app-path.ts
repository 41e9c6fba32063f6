import { join, relative, resolve } from 'node:path';
import type { IConstruct } from 'constructs';
import { App, Manifest, TerraformStack } from './cdktf';
import { isTerraformExpression } from './terraform-expression';

/**
 * A path below the app's folder as a Terraform string that holds wherever the project is: `${path.module}/../../../<path>`,
 * for Terraform runs in the folder of the synthesized stack. An absolute path becomes a relative one too. What is a Terraform
 * expression already stays.
 */
export function pathInModule(scope: IConstruct, path: string): string {
  if (isTerraformExpression(path)) return path;
  const stackFolder = join(App.of(scope).outdir, Manifest.stacksFolder, TerraformStack.of(scope).node.id);
  return `\${path.module}/${escapeTemplate(relative(resolve(stackFolder), resolve(path)))}`;
}

/** The Terraform expression that reads the file when it is needed, so that its content never lands in synthesized JSON. */
export function contentOf(scope: IConstruct, path: string): string {
  if (isTerraformExpression(path)) return path;
  const quoted = pathInModule(scope, path).replace(/["\\]/g, '\\$&');
  return `\${file("${quoted}")}`;
}

/** So that `${` and `%{` in a file's name mean themselves. */
function escapeTemplate(path: string): string {
  return path.replace(/[$%](?=\{)/g, '$&$&');
}
