import { DctError } from '../../error';
import { certificateFingerprint, certificatesOf } from '../../http';
import { computed, optional, string } from '../../plugin';
import { define } from '../define';
import { rfc3339 } from '../attributes/instant';
import { hostAddressProblem } from '../attributes/names';

export const registryCa = define.dataSource({
  name: 'registry_ca',
  description:
    'The CA certificate of a DTR, from its `/ca`. It is accepted only with its fingerprint, or where the system’s roots ' +
    'vouch for the server; without a fingerprint the error prints the one seen, to be compared with what the DTR’s ' +
    'administrator says. What it gives can be a resource’s `ca_bundle`; for the provider’s own registry set ' +
    '`registry.ca_sha256` instead, since a provider cannot be configured from its own data source.',
  attributes: {
    host_address: optional(string, {
      description: 'Host address of the DTR, with a port where it is not 443. Default: the provider’s registry.',
      computed: true,
      validate: hostAddressProblem,
    }),
    expected_sha256: optional(string, {
      description:
        'SHA-256 fingerprint that the certificate has to have: 64 hex digits, with or without colons. Required unless ' +
        'the system’s roots vouch for the server.',
    }),
    pem: computed(string, { description: 'The certificate, PEM.' }),
    sha256: computed(string, { description: 'Its SHA-256 fingerprint: 64 hex digits in small letters.' }),
    subject: computed(string, { description: 'Its subject: `O=Example, CN=DTR CA`.' }),
    not_after: computed(string, { description: 'When it ends, RFC 3339.' }),
    id: computed(string, { description: 'The host address.' }),
  },
  async read({ config, provider, signal }) {
    const hostAddress = config.host_address ?? provider.requireHostAddress();
    const pem = await provider.registryCa(hostAddress, config.expected_sha256 ?? undefined, signal).catch(inOurWords);
    const certificate = certificatesOf(pem)[0];
    if (certificate === undefined) throw new Error(`no certificate from ${hostAddress}`);
    return {
      host_address: hostAddress,
      expected_sha256: config.expected_sha256,
      pem,
      sha256: certificateFingerprint(certificate),
      subject: certificate.subject.split('\n').join(', '),
      not_after: rfc3339(new Date(certificate.validTo)),
      id: hostAddress,
    };
  },
});

/** The client speaks of the provider's settings; here the setting is another one. */
function inOurWords(error: unknown): never {
  const cure = error instanceof DctError ? cures[error.code] : undefined;
  if (!(error instanceof DctError) || cure === undefined) throw error;
  throw new DctError(error.code, error.message, { cure, cause: error, attribute: ['expected_sha256'] });
}

const cures: Readonly<Record<string, string>> = {
  registry_ca_not_pinned:
    'compare that fingerprint with one you got another way (on the DTR: openssl x509 -in ca.pem -noout -fingerprint ' +
    '-sha256), then set expected_sha256 to it',
  registry_ca_other_fingerprint:
    'if the CA was replaced on purpose, compare the fingerprint with the administrator of the DTR and change ' +
    'expected_sha256; if not, somebody may be in between',
  invalid_fingerprint: 'take it from: openssl x509 -in ca.pem -noout -fingerprint -sha256',
};
