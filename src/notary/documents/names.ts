import { DctError } from '../../error';
import type { BaseRole, DelegationName, Gun } from './model';

const HOST_LABEL = '(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])';
const HOST = new RegExp(`^(?:${HOST_LABEL}(?:\\.${HOST_LABEL})*|\\[[0-9a-f:.]+\\])(?::[0-9]{1,5})?$`);
const PATH = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const SIGNER = /^[a-z0-9][a-z0-9_-]*$/;
const DELEGATION = /^targets(?:\/[-a-z0-9_]+)+$/;
const RELEASES = 'targets/releases';

export function isBaseRole(name: string): name is BaseRole {
  return name === 'root' || name === 'targets' || name === 'snapshot' || name === 'timestamp';
}

/** Notary's rule (tuf/data, IsDelegation): `targets/` and lower-case segments, below 256 characters. */
export function isDelegationName(name: string): name is DelegationName {
  return name.length < 256 && DELEGATION.test(name);
}

/** `targets/a/b` is declared in the file of `targets/a`. */
export function parentRole(name: DelegationName): string {
  return name.slice(0, name.lastIndexOf('/'));
}

/** The delegation role of a signer. Throws `invalid_signer` for a name that docker refuses as well. */
export function signerRole(signer: string): DelegationName {
  checkSigner(signer);
  return `targets/${signer}`;
}

/**
 * docker's rule for signer names: `^[a-z0-9][a-z0-9_-]*$` and not `releases`. Throws `invalid_signer`; a UCP user such as
 * `John.Doe` needs another name here, and the error suggests one.
 */
export function checkSigner(signer: string): void {
  if (signer === 'releases') {
    throw new DctError('invalid_signer', `a signer cannot be called "releases": ${RELEASES} holds what is released`, {
      cure: 'choose another signer name',
    });
  }
  if (SIGNER.test(signer) && signer.length < 248) return;
  const suggestion = signer
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[_-]+|-+$/g, '')
    .slice(0, 60);
  throw new DctError(
    'invalid_signer',
    `the signer name ${show(signer)} is not allowed: Notary takes lower-case letters, digits, "_" and "-", beginning with a letter or digit`,
    {
      cure: `a signer's name need not be the user's name in UCP, only the key has to be the user's${
        suggestion && suggestion !== 'releases' ? `; use for example "${suggestion}"` : ''
      }`,
    },
  );
}

/** docker's tag grammar. Throws `invalid_tag`. */
export function checkTag(tag: string): void {
  if (TAG.test(tag)) return;
  throw new DctError('invalid_tag', `${show(tag)} is not a tag`, {
    cure: 'write up to 128 letters, digits, "_", "." and "-", beginning with a letter, a digit or "_"',
  });
}

/** Checks `host[:port]` as it begins a GUN. Throws `invalid_host_address`. */
export function checkHostAddress(hostAddress: string): void {
  const fail = (reason: string, cure: string): never => {
    throw new DctError('invalid_host_address', `the registry address ${show(hostAddress)} ${reason}`, { cure });
  };
  const bare = hostAddress.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/, '');
  if (/^[a-z]+:\/\//i.test(hostAddress)) fail('has a scheme', `write only host and port: "${bare}"`);
  if (hostAddress.includes('/')) fail('has a slash', `write only host and port: "${bare}"`);
  if (/[A-Z]/.test(hostAddress)) {
    fail(
      'has capitals; it is part of every GUN, and GUNs are compared letter by letter',
      `write "${hostAddress.toLowerCase()}"`,
    );
  }
  const port = /:(\d+)$/.exec(hostAddress)?.[1];
  if (!HOST.test(hostAddress) || (port !== undefined && !hostAddress.endsWith(']') && !validPort(port))) {
    fail(
      'is not a host name or IP address with an optional port',
      'write it like "dtr.example.com" or "10.0.0.7:4443"',
    );
  }
}

/**
 * The GUN of a repository given by name (`admin/trustdemo`) or by GUN. Grammar is docker's for repository names.
 * Throws `invalid_host_address`, `invalid_repository`, or `wrong_registry` for a GUN of another registry.
 */
export function normaliseRepository(nameOrGun: string, hostAddress: string): Gun {
  checkHostAddress(hostAddress);
  const fail = (reason: string, cure: string): never => {
    throw new DctError('invalid_repository', `the repository ${show(nameOrGun)} ${reason}`, { cure });
  };
  if (/^[a-z]+:\/\//i.test(nameOrGun)) fail('has a scheme', `write "<namespace>/<name>" or "${hostAddress}/…"`);
  const slash = nameOrGun.indexOf('/');
  const first = slash < 0 ? '' : nameOrGun.slice(0, slash);
  const host = first.toLowerCase();
  const ours = host === hostAddress;
  // docker's rule for what is a host: a dot, a colon, or localhost.
  if (!ours && (/[.:]/.test(first) || host === 'localhost')) {
    const message = `the repository ${show(nameOrGun)} belongs to the registry ${first}, not to ${hostAddress}`;
    throw new DctError('wrong_registry', message, { cure: `use a repository of ${hostAddress}` });
  }
  const path = ours ? nameOrGun.slice(slash + 1) : nameOrGun;
  if (path.includes('@')) fail('has a digest', 'leave the digest off: trust data belongs to the whole repository');
  if (/:[^/]*$/.test(path)) fail('has a tag', 'leave the tag off: trust data belongs to the whole repository');
  if (/[A-Z]/.test(path)) fail('has capitals, which docker does not allow', `write "${path.toLowerCase()}"`);
  if (!PATH.test(path)) {
    fail(
      'is not a repository name: lower-case letters and digits, separated by ".", "_", "__", "-" or "/"',
      'write it like "admin/trustdemo"',
    );
  }
  const gun = `${hostAddress}/${path}`;
  if (gun.length > 255) fail('is longer than 255 characters with its registry', 'choose a shorter name');
  return gun;
}

/** A GUN in its two parts. Throws `invalid_repository`. */
export function splitGun(gun: Gun): { readonly hostAddress: string; readonly repository: string } {
  const slash = gun.indexOf('/');
  if (slash < 1) {
    const cure = 'write it like "dtr.example.com/admin/trustdemo"';
    throw new DctError('invalid_repository', `${show(gun)} is not a GUN: it has no registry`, { cure });
  }
  return { hostAddress: gun.slice(0, slash), repository: gun.slice(slash + 1) };
}

function validPort(port: string): boolean {
  return Number(port) >= 1 && Number(port) <= 65535;
}

function show(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
