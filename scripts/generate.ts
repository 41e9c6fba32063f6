// `npm run generate`: src/bindings and the reference pages in docs, from the declaration of the provider. With a folder as
// argument: the bindings only, into that folder.
import { join } from 'node:path';
import { providerSchemaJson } from '../src/plugin';
import { dctProvider } from '../src/provider/provider';
import { writeBindings } from './bindings';
import { writeDocs } from './docs';

const SOURCE = 'terraform.local/cdktf-dct/dct';

/** Writes the classes of the provider `dct` into `directory`. */
async function generateBindings(directory: string): Promise<void> {
  await writeBindings(providerSchemaJson(dctProvider, SOURCE), directory);
}

/** Writes its reference pages into `directory`. */
export function generateDocs(directory: string): void {
  writeDocs(dctProvider, join(__dirname, '../examples'), directory);
}

if (require.main === module) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) generateDocs(join(__dirname, '../docs'));
  void generateBindings(folder ?? join(__dirname, '../src/bindings'));
}
