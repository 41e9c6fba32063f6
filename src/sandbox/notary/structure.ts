import type { DelegationRole, Key, Listing, RoleKeys, Root, Targets } from './documents';
import { InvalidMetadata } from './signatures';

const baseRoles = ['root', 'targets', 'snapshot', 'timestamp'] as const;

/** `targets/…` of at most 255 characters, with no empty, `.` or `..` part. */
export function isDelegation(role: string): boolean {
  return /^targets\/[-a-z0-9_/]+$/.test(role) && role.length < 256 && !role.endsWith('/') && !role.includes('//');
}

export function isRole(role: string): boolean {
  return isDelegation(role) || baseRoles.some((name) => name === role);
}

export function parentOf(role: string): string {
  return role.slice(0, role.lastIndexOf('/'));
}

/** What a file must look like before signatures are looked at. @throws InvalidMetadata in notary's words */
export function validateRoot(root: Root): void {
  expectType('root', 'Root', root.type);
  if (root.version < 1) throw invalid('root', 'version cannot be less than 1');
  for (const name of baseRoles) {
    const role = root.roles?.get(name);
    if (role === undefined || role === null) throw invalid('root', `missing ${name} role specification`);
    validateRole('root', name, role, root.keys);
  }
}

export function validateTargets(targets: Targets, role: string): void {
  expectType(role, 'Targets', targets.type);
  if (targets.version < 1) throw invalid(role, 'version cannot be less than one');
  for (const delegation of targets.delegationRoles ?? []) validateDelegation(role, delegation, targets);
}

export function validateSnapshot(snapshot: Listing): void {
  validateListing(snapshot, 'snapshot', 'Snapshot', ['root', 'targets']);
}

export function validateTimestamp(timestamp: Listing): void {
  validateListing(timestamp, 'timestamp', 'Timestamp', ['snapshot']);
}

function validateListing(listing: Listing, role: string, type: string, files: readonly string[]): void {
  expectType(role, type, listing.type);
  if (listing.version < 1) throw invalid(role, 'version cannot be less than one');
  for (const file of files) {
    const hashes = listing.meta?.get(file)?.hashes;
    const sha256 = hashes?.get('sha256');
    if (sha256 === undefined) throw invalid(role, `missing ${file} sha256 checksum information`);
    if (sha256?.length !== 32) throw invalid(role, `invalid ${file} checksum information, sha256 checksum invalid`);
    if (hashes?.has('sha512') && hashes.get('sha512')?.length !== 64) {
      throw invalid(role, `invalid ${file} checksum information, sha512 checksum invalid`);
    }
  }
}

function validateDelegation(parent: string, delegation: DelegationRole, targets: Targets): void {
  if (!isDelegation(delegation.name)) throw invalid(parent, `delegation role ${delegation.name} invalid`);
  validateRole(parent, delegation.name, delegation, targets.delegationKeys);
}

function validateRole(file: string, name: string, role: RoleKeys, keys: ReadonlyMap<string, Key> | null): void {
  if (role.threshold < 1) throw invalid(file, `invalid threshold specified for ${name}: ${role.threshold} `);
  for (const id of role.keyIds ?? []) {
    if (keys?.has(id) !== true) throw invalid(file, `key ID ${id} specified in ${name} without corresponding key`);
  }
}

function expectType(role: string, expected: string, actual: string): void {
  if (actual !== expected) throw invalid(role, `expected type ${expected}, not ${actual}`);
}

function invalid(role: string, message: string): InvalidMetadata {
  return new InvalidMetadata(`${role} type metadata invalid: ${message}`);
}
