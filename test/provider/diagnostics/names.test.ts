import { checkHostAddress, checkSigner, checkTag, normaliseRepository, splitGun } from '../../../src/notary/documents';
import { parseImportId } from '../../../src/provider/attributes/import-id';
import { diagnosticsOf } from './catalogue';

const host = 'dtr.example.com';
const address = (text: string) => () => {
  checkHostAddress(text);
};
const repository = (text: string) => () => normaliseRepository(text, host);
const signer = (text: string) => () => {
  checkSigner(text);
};

diagnosticsOf('names', {
  'invalid_host_address: scheme': address('https://dtr.example.com'),
  'invalid_host_address: slash': address('dtr.example.com/admin'),
  'invalid_host_address: capitals': address('DTR.example.com'),
  'invalid_host_address: space': address('dtr example'),
  'invalid_repository: scheme': repository('https://dtr.example.com/admin/trustdemo'),
  'invalid_repository: digest': repository(`admin/trustdemo@sha256:${'0'.repeat(64)}`),
  'invalid_repository: tag': repository('admin/trustdemo:1'),
  'invalid_repository: capitals': repository('Admin/TrustDemo'),
  'invalid_repository: characters': repository('admin/trust demo'),
  'invalid_repository: too long': repository(`admin/${'a'.repeat(250)}`),
  'invalid_repository: no registry': () => splitGun('trustdemo'),
  wrong_registry: repository('other.example.com/admin/trustdemo'),
  'invalid_signer: releases': signer('releases'),
  'invalid_signer: characters': signer('John.Doe'),
  invalid_tag: () => {
    checkTag('no/tag');
  },
  bad_import_id: () => parseImportId('admin/trustdemo', /^([^#]+)#([^#]+)$/, '<gun>#<signer>'),
});
