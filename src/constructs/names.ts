import type { Problem } from './refusal';
import { isTerraformExpression } from './terraform-expression';

// The same rules as the provider's (a test compares them), said at synth already. What only Terraform knows is left to it.

/** The first part of a GUN. */
export function hostAddressProblem(hostAddress: string): Problem | undefined {
  if (isTerraformExpression(hostAddress)) return undefined;
  const says = (reason: string, cure: string) => ({
    rule: `the registry address ${show(hostAddress)} ${reason}`,
    cure,
  });
  const bare = hostAddress.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/, '');
  if (/^[a-z]+:\/\//i.test(hostAddress)) return says('has a scheme', `write only host and port: "${bare}"`);
  if (hostAddress.includes('/')) return says('has a slash', `write only host and port: "${bare}"`);
  if (/[A-Z]/.test(hostAddress)) return says('has capitals', `write "${hostAddress.toLowerCase()}"`);
  const port = /:(\d+)$/.exec(hostAddress)?.[1];
  if (!HOST.test(hostAddress) || (port !== undefined && (Number(port) < 1 || Number(port) > 65535))) {
    return says('is not a host name or IP address with an optional port', 'write it like "dtr.example.com"');
  }
  return undefined;
}

/** `namespace/name`, docker's grammar of repository names; with its registry, 255 characters at most. */
export function repositoryProblem(name: string, hostAddress: string): Problem | undefined {
  if (isTerraformExpression(name)) return undefined;
  const says = (reason: string, cure: string) => ({ rule: `the repository ${show(name)} ${reason}`, cure });
  if (/^[a-z]+:\/\//i.test(name)) return says('has a scheme', 'write "<namespace>/<name>"');
  if (name.includes('@')) return says('has a digest', 'trust data belongs to the whole repository');
  if (/:[^/]*$/.test(name)) return says('has a tag', 'trust data belongs to the whole repository');
  if (/[A-Z]/.test(name)) return says('has capitals, which docker does not allow', `write "${name.toLowerCase()}"`);
  if (!PATH.test(name)) {
    return says(
      'is not a repository name: lower-case letters and digits, separated by ".", "_", "__", "-" or "/"',
      'write it like "admin/trustdemo"',
    );
  }
  if (`${hostAddress}/${name}`.length > 255) {
    return says('is longer than 255 characters with its registry', 'choose a shorter name');
  }
  return undefined;
}

/** docker's rule for signer names. A user of the UCP such as `John.Doe` needs another name as a signer. */
export function signerProblem(name: string): Problem | undefined {
  if (isTerraformExpression(name)) return undefined;
  if (name === 'releases') {
    return { rule: 'a signer cannot be called "releases"', cure: 'targets/releases holds what is released' };
  }
  if (SIGNER.test(name) && name.length < 248) return undefined;
  const suggestion = name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[_-]+|-+$/g, '');
  return {
    rule: `the signer name ${show(name)} is not allowed: Notary takes lower-case letters, digits, "_" and "-", beginning with a letter or digit`,
    cure: `it need not be the user's name in UCP, only the key has to be the user's${
      SIGNER.test(suggestion) && suggestion !== 'releases' ? `: use for example "${suggestion}"` : ''
    }`,
  };
}

/** docker's grammar of tags. */
export function tagProblem(tag: string): Problem | undefined {
  if (isTerraformExpression(tag) || TAG.test(tag)) return undefined;
  return {
    rule: `${show(tag)} is not a tag`,
    cure: 'up to 128 letters, digits, "_", "." and "-", beginning with a letter, a digit or "_"',
  };
}

export function digestProblem(digest: string): Problem | undefined {
  if (isTerraformExpression(digest) || /^sha256:[0-9a-f]{64}$/.test(digest)) return undefined;
  return {
    rule: `${show(digest)} is not a digest`,
    cure: 'write sha256: and 64 hex digits in small letters; the data source dct_image finds the digest of a tag',
  };
}

const HOST_LABEL = '(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])';
const HOST = new RegExp(`^(?:${HOST_LABEL}(?:\\.${HOST_LABEL})*|\\[[0-9a-f:.]+\\])(?::[0-9]{1,5})?$`);
const PATH = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const SIGNER = /^[a-z0-9][a-z0-9_-]*$/;

function show(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
