import { makeCertificate, type Made } from '../../notary/certificates';
import { forge, GUN, NOW, pair, type Pair, type Plan, plan, rootDocument, rootPair } from '../../notary/forge';
import { sign, tamper, targetsDocument } from '../../notary/forge';
import { PrivateKey, PublicKey } from '../../../src/notary/keys';
import type { DelegationRole, Targets } from '../../../src/notary/documents';
import { formatTime, instantOf, MAX_TIMESTAMP_BYTES, RawJson, serialise } from '../../../src/notary/documents';
import { canonicalJson } from '../../../src/notary/documents/canonical';
import { type Expectations, verifyRoot } from '../../../src/notary/verification';
import { type FetchedTrust, verifyChain } from '../../notary/verify-files';
import { diagnosticsOf } from './catalogue';

let ca: Made;
let sha1: Made;
beforeAll(async () => {
  ca = await makeCertificate({ ca: true, name: `CN=${GUN}` });
  sha1 = await makeCertificate({ kind: 'RSA-2048', hash: 'SHA-1', name: `CN=${GUN}` });
});

const alice = pair();
const expected = (over: Partial<Expectations> = {}): Expectations => ({ gun: GUN, now: NOW, ...over });
const verified =
  (make: () => FetchedTrust, over: Partial<Expectations> = {}) =>
  () =>
    verifyChain(make(), expected(over));
const planned = (over: Partial<Plan>) => verified(() => forge(plan(over)));

/** A sound repository, but for one file. */
const but = (role: string, make: (p: Plan) => Buffer, over: Partial<Plan> = {}) =>
  verified(() => {
    const p = plan(over);
    return forge(p, { [role]: make(p) });
  });

/** The files of one state with some of another. */
const mixed = (change: (files: FetchedTrust, p: Plan) => Partial<FetchedTrust>, over: Partial<Plan> = {}) =>
  verified(() => {
    const p = plan(over);
    const files = forge(p);
    return { ...files, ...change(files, p) };
  });

/** A root key in a certificate that somebody else made. */
function inCertificate({ certificate, privateKey }: Made): Pair {
  const keytype = privateKey.length > 1000 ? 'rsa-x509' : 'ecdsa-x509';
  const keyval = { private: null, public: Buffer.from(certificate).toString('base64') };
  const open = PublicKey.fromDocument({ keytype, keyval });
  return { secret: PrivateKey.fromPem(privateKey, { label: 'root' }), open };
}

/** A signer of whom no file is listed. */
function declared(): Targets['delegations'] {
  const { tufId } = alice.open;
  const role: DelegationRole = { keyids: [tufId], name: 'targets/alice', paths: [''], threshold: 1 };
  return { keys: new Map([[tufId, alice.open.toDocument()]]), roles: [role] };
}

const [first, second, third] = [rootPair(), rootPair(), rootPair()];
const root = (version: number, keys: readonly Pair[], by: readonly Pair[]): Buffer =>
  sign(rootDocument({ ...plan(), root: keys, version }), by);
const chain =
  (...files: readonly Buffer[]) =>
  () =>
    verifyRoot(files, expected());
const replaced = (role: string, from: string | RegExp, to: string, over: Partial<Plan> = {}) =>
  but(
    role,
    (p) => {
      const files = forge(p);
      const bytes = { root: files.roots[0], targets: files.targets, snapshot: files.snapshot }[role];
      return Buffer.from((bytes ?? files.delegations.get(role) ?? Buffer.alloc(0)).toString().replace(from, to));
    },
    over,
  );

diagnosticsOf('verification', {
  wrong_gun: planned({ root: [rootPair('dtr.local/admin/other')] }),
  'weak_root_certificate: none': planned({ root: [pair()] }),
  'weak_root_certificate: CA': () => planned({ root: [inCertificate(ca)] })(),
  'weak_root_certificate: SHA-1': () => planned({ root: [inCertificate(sha1)] })(),
  expired_root_certificate: planned({ root: [rootPair(GUN, new Date('2015-01-01T00:00:00Z'))] }),
  early_root_certificate: planned({ root: [rootPair(GUN, new Date('2026-11-25T00:00:00Z'))] }),
  unpinned_root: verified(() => forge(plan()), { rootPins: ['00'.repeat(32)] }),
  'threshold_not_met: unsigned': but('root', (p) => sign(rootDocument(p), [])),
  'threshold_not_met: another key': but('targets', (p) => sign(targetsDocument(p), [pair()])),
  'threshold_not_met: no keys': mixed(() => ({
    roots: [sign(rootDocument(plan({ root: [] })), [])],
  })),
  'threshold_not_met: no targets keys': but('targets', (p) => sign(targetsDocument(p), []), { targets: [] }),
  bad_signature: but('root', (p) => tamper(sign(rootDocument(p), p.root), '"version":3', '"version":4')),
  'missing_metadata: no root': mixed(() => ({ roots: [] })),
  'missing_metadata: no delegation': mixed(() => ({ delegations: new Map() }), { signers: { alice: [alice] } }),
  expired_metadata: planned({ expires: new Date('2026-11-01T00:00:00Z') }),
  'hash_mismatch: another state': mixed((files, p) => ({ targets: forge({ ...p, targets: [pair()] }).targets })),
  length_mismatch: mixed(({ snapshot }) => ({ snapshot: Buffer.concat([snapshot, Buffer.from(' ')]) })),
  'version_rollback: remembered': verified(() => forge(plan()), { rememberedVersions: { timestamp: 4 } }),
  'version_rollback: listed no more': verified(
    () => forge(plan({ editTargets: (targets) => ({ ...targets, delegations: declared() }) })),
    { rememberedVersions: { 'targets/alice': 4 } },
  ),
  'version_rollback: root': chain(root(2, [second], [first, second]), root(1, [first], [first])),
  'broken_root_chain: old key': chain(root(1, [first], [first]), root(2, [second], [second])),
  'broken_root_chain: own key': chain(
    root(1, [first], [first]),
    root(2, [second], [first]),
    root(3, [second], [second]),
  ),
  'broken_root_chain: gap': chain(root(1, [first], [first]), root(3, [third], [first, third])),
  wrong_key_id: planned({
    targets: [alice],
    editRoot: (signed) => ({
      ...signed,
      keys: new Map([...signed.keys, ['0'.repeat(64), alice.open.toDocument()]]),
      roles: new Map([...signed.roles, ['targets', { keyids: ['0'.repeat(64)], threshold: 1 }]]),
    }),
  }),
  wrong_role_type: but('snapshot', (p) => Buffer.from(forge(p).targets)),
  document_too_large: but('timestamp', () => Buffer.alloc(MAX_TIMESTAMP_BYTES + 1)),
  'malformed_document: cut': but('targets/alice', () => Buffer.from('{'), { signers: { alice: [alice] } }),
  'malformed_document: field': replaced('targets', '"version":3', '"version":0'),
  'malformed_document: number': replaced('targets', '"version":3', '"version":3,"x":1.5'),
  'malformed_document: big number': replaced('targets', '"version":3', '"version":3,"x":1e300'),
  'malformed_document: UTF-8': but('targets', () => Buffer.from([0xff])),
});

// Only documents of our own go through these, whose names and numbers have been checked before.
test.each<[string, () => unknown]>([
  ['canonical JSON has integers only', () => canonicalJson(1.5)],
  ['is not an RFC 3339 time', () => instantOf('yesterday')],
  ['has no four-digit year', () => formatTime(new Date('+010000-01-01T00:00:00Z'))],
  ['has a control character', () => serialise(targetsDocument(plan(), { targets: new Map([['\u0001', tag]]) }), [])],
  ['custom data is not JSON', () => RawJson.from('{')],
])('never seen: %s', (words, make) => {
  expect(make).toThrow(words);
});

const tag = { hashes: new Map([['sha256', 'AAAA']]), length: 1 };
