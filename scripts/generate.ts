// `npm run generate`: src/bindings from the schema of the provider.
import { join } from 'node:path';
import { providerSchemaJson } from '../src/plugin';
import { dctProvider } from '../src/provider/provider';
import { writeBindings } from './bindings';

const SOURCE = 'terraform.local/cdktf-dct/dct';

/** Writes the classes of the provider `dct` into `directory`. */
export async function generateBindings(directory: string): Promise<void> {
  await writeBindings(providerSchemaJson(dctProvider, SOURCE), directory);
}

if (require.main === module) void generateBindings(join(__dirname, '../src/bindings'));
