import { bool, map, number, object, optional, required, set, string, type ConfigOf } from '../../plugin';
import { certificatesProblem, signingKeyProblem } from '../attributes/keys';
import {
  addressProblem,
  fingerprintProblem,
  hostAddressProblem,
  imagesProblem,
  rootKeyIdsProblem,
  rootPinsProblem,
} from '../attributes/names';

/** The provider block, as design.md section 4 fixes it. Nothing is required until it is used. */
export const configurationAttributes = {
  registry: optional(
    object({
      host_address: required(string, {
        description:
          'The first part of every GUN: host name, with a port where it is not 443. No scheme, no path. `dtr.example.com`',
        validate: hostAddressProblem,
      }),
      ca_bundle: optional(string, {
        description:
          'PEM certificates of the authority that signed the registry’s TLS certificate. Default: the authorities that the system trusts.',
        validate: certificatesProblem,
      }),
      ca_sha256: optional(string, {
        description:
          'Instead of `ca_bundle`: the provider fetches `/ca` and accepts it only when the certificate has this SHA-256 fingerprint (hex).',
        validate: fingerprintProblem,
      }),
      username: optional(string, { description: 'User of the registry. Environment: `DCT_REGISTRY_USERNAME`.' }),
      password: optional(string, {
        description: 'Password or access token of that user. Environment: `DCT_REGISTRY_PASSWORD`. May be ephemeral.',
        sensitive: true,
      }),
      client_bundle_path: optional(string, {
        description: 'Folder or zip of a UCP client bundle to log in to the registry with (DTR 2.7 and later).',
      }),
      notary_url: optional(string, {
        description: 'Where the registry’s Notary server is. Default: `https://<host_address>`.',
        validate: addressProblem,
      }),
    }),
    { description: 'The central DTR (MSR), which holds the images and their trust data.' },
  ),
  clusters: optional(
    map(
      object({
        endpoint: optional(string, {
          description: 'URL of the UCP: `https://ucp2.example.com`. Default: what the client bundle says.',
          validate: addressProblem,
        }),
        client_bundle_path: optional(string, {
          description:
            'Folder or zip of an administrator’s UCP client bundle. Read only, never downloaded by the provider.',
        }),
        certificate: optional(string, {
          description: 'Client certificate (PEM), when there is no bundle.',
          validate: certificatesProblem,
        }),
        private_key: optional(string, {
          description: 'Key of that certificate (PEM). May be ephemeral.',
          sensitive: true,
        }),
        ca_bundle: optional(string, {
          description:
            'PEM certificates of the authority that signed the UCP’s TLS certificate. Default: the bundle’s `ca.pem`.',
          validate: certificatesProblem,
        }),
        username: optional(string, {
          description:
            'Administrator to log in as, when there is no bundle. Environment: `DCT_CLUSTER_<NAME>_USERNAME`, the name in capitals and `_` for whatever is not a letter or digit.',
        }),
        password: optional(string, {
          description: 'Environment: `DCT_CLUSTER_<NAME>_PASSWORD`. May be ephemeral.',
          sensitive: true,
        }),
        must_admit: optional(set(string), {
          description:
            'Image references that this cluster has to be able to run, whatever is applied: a change that would make it refuse one of them is an error.',
          validate: imagesProblem,
        }),
      }),
    ),
    { description: 'The UCPs (MKEs), by names of your own choice.' },
  ),
  trust_store: optional(
    object({
      directory: optional(string, {
        description: 'Default: as docker has it, `$DOCKER_CONFIG/trust` or `~/.docker/trust`.',
      }),
      root_passphrase: optional(string, {
        description: 'Opens root keys. Environment: `DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE`. May be ephemeral.',
        sensitive: true,
      }),
      repository_passphrase: optional(string, {
        description:
          'Opens all other keys. Environment: `DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE`. May be ephemeral.',
        sensitive: true,
      }),
      passphrases: optional(map(string), {
        description: 'Passphrases by key ID, for a store with keys of several owners.',
        sensitive: true,
      }),
      root_key_id: optional(string, {
        description: 'Which root key starts new repositories, when the store holds several.',
        validate: (id) => rootKeyIdsProblem([id]) && 'must be a key ID: 64 hex digits in small letters',
      }),
      create_root_key: optional(bool, {
        description:
          'Make a root key when the store has none. Off by default: a root key made on a passing machine is lost with it.',
      }),
    }),
    { description: 'Docker’s trust store, shared with the docker CLI.' },
  ),
  signing_keys: optional(
    map(
      object({
        private_key: required(string, {
          description: 'PEM, encrypted or not. May be ephemeral.',
          sensitive: true,
          validate: signingKeyProblem,
        }),
        passphrase: optional(string, { description: 'Opens an encrypted key.', sensitive: true }),
      }),
    ),
    { description: 'Keys to sign with besides those in the trust store.' },
  ),
  root_pins: optional(map(set(string)), {
    description: 'Root key IDs by GUN or GUN prefix: trust data under it must chain from one of these.',
    validate: rootPinsProblem,
  }),
  request_timeout_seconds: optional(number, {
    description: 'How long one request may take, in seconds. Default 30.',
    validate: (seconds) => (seconds > 0 ? undefined : 'must be more than 0'),
  }),
  max_retries: optional(number, {
    description: 'How often a request that is safe to repeat is repeated. Default 4.',
    validate: (retries) => (retries >= 0 ? undefined : 'must be 0 or more'),
  }),
};

export type Configuration = ConfigOf<typeof configurationAttributes>;
