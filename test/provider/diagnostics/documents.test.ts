import { type RoleName, parseDocument } from '../../../src/notary/documents';
import { naming } from '../../../src/notary/verification/failure';
import { diagnosticsOf } from './catalogue';

const TARGETS = {
  _type: 'Targets',
  delegations: { keys: {}, roles: [] },
  expires: '2030-01-02T03:04:05Z',
  targets: {},
  version: 1,
};
const ROLES = Object.fromEntries(
  ['root', 'targets', 'snapshot', 'timestamp'].map((role) => [role, { keyids: [], threshold: 1 }]),
);
const ROLE = { keyids: [], name: 'targets/alice', paths: [''], threshold: 1 };

/** What a file of these bytes ends in. */
const file =
  (text: string, role: RoleName = 'targets') =>
  () =>
    naming('dtr.example.com/admin/trustdemo', () => parseDocument(Buffer.from(text), role));
const signed = (fields: object, role?: RoleName) =>
  file(JSON.stringify({ signatures: [], signed: { ...TARGETS, ...fields } }), role);
const delegated = (role: object, keys: object = {}) => signed({ delegations: { keys, roles: [{ ...ROLE, ...role }] } });
const key = (keyval: object) => signed({ delegations: { keys: { ab: { keytype: 'ecdsa', keyval } }, roles: [] } });

// Every way in which a file can be none that a Notary client writes.
diagnosticsOf('documents', {
  'malformed_document: more than one value': file('{} {}'),
  'malformed_document: too deep': file('['.repeat(2000)),
  'malformed_document: ends too early': file('['),
  'malformed_document: a key twice': file('{"signed":1,"signed":2}'),
  'malformed_document: no colon': file('{"signed" 1}'),
  'malformed_document: no end of a string': file('{"sig'),
  'malformed_document: control character': file('{"\u0001":1}'),
  'malformed_document: escape': file('{"\\x":1}'),
  'malformed_document: no value': file('{"signed":x}'),
  'malformed_document: no word': file('{"signed":nil}'),
  'malformed_document: case of a field': signed({ Version: 1 }),
  'malformed_document: a text for a number': signed({ version: '1' }),
  'malformed_document: negative': signed({ version: -1 }),
  'malformed_document: no integer': file(JSON.stringify({ signatures: [], signed: TARGETS }).replace(':1}', ':1e2}')),
  'malformed_document: too big': file(
    JSON.stringify({ signatures: [], signed: TARGETS }).replace(':1}', ':9300000000000000000}'),
  ),
  'malformed_document: more than a number holds': file(
    JSON.stringify({ signatures: [], signed: TARGETS }).replace(':1}', ':9200000000000000000}'),
  ),
  'malformed_document: time': signed({ expires: 'tomorrow' }),
  'malformed_document: yes or no': signed(
    { _type: 'Root', consistent_snapshot: 'yes', keys: {}, roles: ROLES },
    'root',
  ),
  'malformed_document: delegation': delegated({ name: 'targets/alice/laptop' }),
  'malformed_document: threshold': delegated({ threshold: 0 }),
  'malformed_document: unknown key': delegated({ keyids: ['ab'] }),
  'malformed_document: private key': key({ private: 'AAAA', public: 'AAAA' }),
  'malformed_document: base64': key({ private: null, public: 'A' }),
});
