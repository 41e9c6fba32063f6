import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DctError } from '../error';

/** The built provider, as `npm run build` describes it in `dist/provider.json`. */
export interface ProviderPackage {
  /** Source address: `terraform.local/cdktf-dct/dct`. */
  readonly source: string;
  /** The package's version for a release; `<version>-<content hash>` for any other build. */
  readonly version: string;
  /** Terraform's hash of the package directory (Go's dirhash.Hash1), with its `h1:`. */
  readonly h1: string;
  /** The executable and what must lie beside it: absolute paths. */
  readonly files: readonly string[];
}

// Holds for the compiled module and for the source alike: both lie two folders below the package.
const distribution = resolve(__dirname, '../../dist');

/** Finds the built provider. Throws `provider_not_built` in a checkout that was never built. */
export function providerPackage(): ProviderPackage {
  const file = join(distribution, 'provider.json');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DctError('provider_not_built', `The Terraform provider is not built: ${file} is missing`, {
      cure: 'run `npm run build` in the checkout of cdktf-dct',
      cause,
    });
  }
  // Written by our own build, beside this very code: not input from outside.
  const description = JSON.parse(text) as { source: string; version: string; h1: string; files: string[] };
  return { ...description, files: description.files.map((name) => join(distribution, 'provider', name)) };
}
