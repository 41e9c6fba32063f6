import type { ImageReference } from './image-reference';

/**
 * UCP's own texts, as its API answers them (vendor guide “Using Docker Content Trust with a remote UCP cluster”, example
 * errors). The guide shows them as the docker CLI prints them: `Error response from daemon: ` in front is the CLI's for
 * every error of an API, and the full stop with `See 'docker run --help'.` is what its `docker run` puts behind
 * (docker/cli, cli/command/container/run.go, `reportError`). Neither is part of the answer.
 */
export const refusals = {
  notRegistered: ({ host }: ImageReference) => `${host} must be a registered trusted registry`,
  notSigned: ({ familiar }: ImageReference) => `image or trust data does not exist for ${familiar}`,
  policyNotMet: ({ familiar }: ImageReference) => `${POLICY}\n${familiar}: ${POLICY}`,
};

const POLICY = 'image did not meet required signing policy';
