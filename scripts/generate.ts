// `npm run generate`: src/bindings and the reference pages in docs, from the declaration of the provider.
import { join } from 'node:path';
import { providerSchemaJson } from '../src/plugin';
import { dctProvider } from '../src/provider/provider';
import { writeBindings } from './bindings';
import { writeDocs } from './docs';

const SOURCE = 'terraform.local/cdktf-dct/dct';

/** Writes the classes of the provider `dct` into `directory`. */
export async function generateBindings(directory: string): Promise<void> {
  await writeBindings(providerSchemaJson(dctProvider, SOURCE), directory);
}

/** Writes its reference pages into `directory`. */
export function generateDocs(directory: string): void {
  writeDocs(dctProvider, join(__dirname, '../examples'), directory);
}

if (require.main === module) {
  generateDocs(join(__dirname, '../docs'));
  void generateBindings(join(__dirname, '../src/bindings'));
}
