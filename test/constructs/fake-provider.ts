import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProviderPackage } from '../../src/distribution';

// Stands in for src/distribution/provider-package: what is laid is not run here, and needs no build.
const file = join(mkdtempSync(join(tmpdir(), 'dct-fake-provider-')), 'terraform-provider-dct');
writeFileSync(file, '#!/bin/sh\n');

export const fakeProvider: ProviderPackage = {
  source: 'terraform.local/cdktf-dct/dct',
  version: '0.0.1-fake',
  h1: 'h1:ZmFrZQ==',
  files: [file],
};

export const providerPackage = () => fakeProvider;
