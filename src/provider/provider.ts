import { type DataSource, type ProviderDefinition, providerDefinition, type Resource } from '../plugin';
import { nameAttributes } from './errors/attribute-of-error';
import { configurationAttributes } from './configuration/configuration';
import { Connection, type Pace, withPreflight } from './connection';
import { admission } from './data-sources/admission';
import { cluster } from './data-sources/cluster';
import { image } from './data-sources/image';
import { registryCa } from './data-sources/registry-ca';
import { team } from './data-sources/team';
import { trustData } from './data-sources/trust-data';
import { explain } from './errors/explain';
import { gun } from './functions/gun';
import { keyId } from './functions/key-id';
import { refuseToDeleteWhatStays } from './in-state-twice';
import { keepJustMade } from './just-made';
import { enforcement } from './resources/enforcement';
import { repository } from './resources/repository';
import { signedTag } from './resources/signed-tag';
import { signerDelegation } from './resources/signer-delegation';
import { trustedRegistry } from './resources/trusted-registry';
import { keepWhileUnknown } from './configuration/unknown-configuration';

const resources: Resource<Connection>[] = [trustedRegistry, repository, signerDelegation, signedTag, enforcement];

/** The Terraform provider `dct`. */
export const dctProvider = dctProviderWith({});

/** The same with another pace. */
export function dctProviderWith(pace: Pace): ProviderDefinition {
  return providerDefinition({
    name: 'dct',
    version: process.env['DCT_PACKAGE_VERSION'] ?? '0.0.0',
    description:
      'Docker Content Trust across many clusters: one central DTR (MSR) with its Notary server, and the UCPs (MKEs) that ' +
      'run only what their users signed there.',
    attributes: configurationAttributes,
    configure: ({ config, log }) => new Connection(config, process.env, log, pace),
    disconnect: (connection) => connection.close(),
    resources: resources
      .map(keepWhileUnknown)
      .map(keepJustMade)
      .map(refuseToDeleteWhatStays)
      .map(withPreflight)
      .map(nameAttributes)
      .map(countedAsUnderWay),
    dataSources: [registryCa, image, trustData, cluster, team, admission].map(readAsUnderWay),
    functions: [keyId, gun],
    explain,
  });
}

/** So that what is wrong alone can wait for what is still on its way: see `Activity`. */
function countedAsUnderWay(resource: Resource<Connection>): Resource<Connection> {
  return {
    ...resource,
    plan: async (args) => (await args.provider.during(() => resource.plan?.(args))) ?? undefined,
    planDestroy: (args) => args.provider.during(() => resource.planDestroy?.(args)),
    read: (args) => args.provider.during(() => resource.read(args)),
    create: (args) => args.provider.during(() => resource.create(args)),
    ...(resource.update && {
      update: (args) => args.provider.during(async () => (await resource.update?.(args)) ?? args.prior),
    }),
    delete: (args) => args.provider.during(() => resource.delete(args)),
  };
}

/** A change may wait for what is read. */
function readAsUnderWay(source: DataSource<Connection>): DataSource<Connection> {
  return { ...source, read: (args) => args.provider.during(() => source.read(args)) };
}
