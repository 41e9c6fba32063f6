import { DctError } from '../../error';

/** Takes an import ID apart. Throws `bad_import_id`, saying what it has to look like. */
export function parseImportId(id: string, form: RegExp, description: string): string[] {
  const match = form.exec(id);
  if (match === null) {
    throw new DctError('bad_import_id', `Import ID ${JSON.stringify(id)} is not of the form ${description}`, {
      cure: `give it as ${description}`,
    });
  }
  return match.slice(1);
}

/** No provider is told at apply what a resource replaces. */
const REPLACED =
  'If it is the one that this replaces (create_before_destroy), plan and apply again, without -replace: it is changed in place then';

/**
 * The error for something that is there although no state knows it, with an `import` block ready to paste. `or`: another way.
 */
export function alreadyExists(message: string, resource: string, id: string, or?: string): DctError {
  const imported = `bring it under Terraform with\n\n${importBlock(resource, id)}\n\n(in CDKTF, importFrom(${JSON.stringify(id)}) of the resource)`;
  return new DctError('already_exists', message, {
    cure: [imported, ...(or === undefined ? [] : [or]), REPLACED].join('\n\n'),
  });
}

/** `resource`: `dct_repository`. */
export function importBlock(resource: string, id: string): string {
  return `import {\n  to = ${resource}.NAME\n  id = ${JSON.stringify(id)}\n}`;
}
