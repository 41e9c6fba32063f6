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

/** The error for something that is there although no state knows it, with an `import` block ready to paste. */
export function alreadyExists(message: string, resource: string, id: string): DctError {
  return new DctError('already_exists', message, {
    cure: `bring it under Terraform with\n\n${importBlock(resource, id)}\n\n(in CDKTF, importFrom(${JSON.stringify(id)}) of the resource)`,
  });
}

/** `resource`: `dct_repository`. */
export function importBlock(resource: string, id: string): string {
  return `import {\n  to = ${resource}.NAME\n  id = ${JSON.stringify(id)}\n}`;
}
