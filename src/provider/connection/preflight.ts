import { stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { DctError, systemCode } from '../../error';
import { type Context, type ObjectValue, type Resource, UNKNOWN } from '../../plugin';
import type { Configuration } from '../configuration/configuration';
import { unlessUnknown } from '../configuration/unknown-configuration';
import type { Cluster } from './cluster';
import { checkSigningKeys, type ConfiguredKeys } from './keys';
import { once } from './once';

/** What a connection has on this machine. */
interface OnThisMachine {
  readonly config: Configuration;
  readonly cluster: (name: string) => Pick<Cluster, 'bundlePath' | 'open'>;
  readonly openRegistryBundle: (path: string) => Promise<unknown>;
  readonly keys: () => ConfiguredKeys;
}

/**
 * Whether bundles, logins, keys and passphrases can be used, as far as that can be told without a server. What is not known
 * yet is left to the apply, and so is a file that is not there: the same apply may make it (design.md, rule 6).
 */
export class Preflight {
  readonly #registry = once(() => this.checkRegistry());
  readonly #rootKey = once(() => this.of.keys().checkRootKey());
  #told = false;

  constructor(private readonly of: OnThisMachine) {}

  /** At plan, of a resource that is to be made or changed: what it is going to need. */
  ofPlan({ cluster }: ObjectValue): Promise<void> {
    return atPlan(async () => {
      if (cluster === undefined) await Promise.all([this.#registry(), this.checkKeys()]);
      else if (typeof cluster === 'string') await this.checkCluster(cluster);
    });
  }

  /** At plan, of trust data that is to be made: the keys that it begins with. */
  ofNewTrust(warn: Context['warn']): Promise<void> {
    return atPlan(async () => {
      const keys = this.of.keys();
      keys.checkNewKey('targets');
      if (keys.makesRootKey() || (await isThere(keys.directory))) await this.#rootKey();
      else this.tellOfNoStore(keys.directory, warn);
    });
  }

  /** Before anything is changed: all that the configuration names, whoever needs it. */
  readonly beforeWrites = once(async () => {
    const { clusters } = this.of.config;
    const names = clusters === null || clusters === UNKNOWN ? [] : Object.keys(clusters);
    const checks = [...names.map((name) => this.checkCluster(name)), this.#registry(), this.checkKeys()];
    for (const check of await Promise.allSettled(checks.map((each) => each.catch(unlessOnlyWhereUsed)))) {
      if (check.status === 'rejected') throw check.reason;
    }
  });

  private async checkCluster(name: string): Promise<void> {
    const cluster = this.of.cluster(name);
    if (cluster.bundlePath === undefined || (await isThere(cluster.bundlePath))) await cluster.open();
  }

  private async checkRegistry(): Promise<void> {
    const { registry } = this.of.config;
    if (registry === null || registry === UNKNOWN) return;
    const { client_bundle_path: path } = registry;
    if (typeof path === 'string' && (await isThere(path))) await this.of.openRegistryBundle(path);
  }

  private async checkKeys(): Promise<void> {
    const keys = await unlessUnknown(this.of.keys, () => undefined);
    if (keys === undefined) await checkSigningKeys(this.of.config);
  }

  private tellOfNoStore(directory: string, warn: Context['warn']): void {
    if (this.#told) return;
    this.#told = true;
    const detail =
      'New trust data begins with a root key, which the apply takes from there. Unless something puts it there before: copy the root ' +
      `key of your organisation to ${directory}/private (<key ID>.key), or make one on a machine you keep (dct keys init); ` +
      'trust_store.directory names another place.';
    warn(undefined, `There is no trust store at ${directory}`, detail);
  }
}

/** Has a resource planned, made and changed only with what can be used: see `Preflight`. A destroy needs none of it. */
export function withPreflight<C extends { readonly preflight: Preflight }>(resource: Resource<C>): Resource<C> {
  return {
    ...resource,
    async plan(args) {
      const { prior, provider, planned: usual } = args;
      const check = async (planned: ObjectValue): Promise<void> => {
        if (!isDeepStrictEqual(planned, prior)) await provider.preflight.ofPlan(planned);
      };
      await check(usual);
      const planned = (await resource.plan?.(args)) ?? usual;
      await check(planned);
      return planned;
    },
    async create(args) {
      await args.provider.preflight.beforeWrites();
      return resource.create(args);
    },
    ...(resource.update && {
      async update(args) {
        await args.provider.preflight.beforeWrites();
        return (await resource.update?.(args)) ?? args.prior;
      },
    }),
  };
}

/** `terraform destroy` first plans as if nothing were to be destroyed: what is wrong with things yet to be made stops it, too. */
async function atPlan(check: () => Promise<void>): Promise<void> {
  try {
    await unlessUnknown(check, () => undefined);
  } catch (error) {
    if (!(error instanceof DctError)) throw error;
    const { code, message, cure, attribute } = error;
    const ways = [...(cure === undefined ? [] : [cure.replace(/\.$/, '')]), INSTEAD];
    throw new DctError(code, message, { cause: error, attribute, cure: ways.join('; ') });
  }
}

const INSTEAD = 'to destroy what is there, use -refresh=false';

/** Not every machine has the login of every cluster, and a certificate that is over was right when it was given. */
function unlessOnlyWhereUsed(error: unknown): void {
  const codes = ['unknown_configuration', 'no_endpoint', 'no_login', 'half_login', 'bundle_certificate_expired'];
  if (!(error instanceof DctError) || !codes.includes(error.code)) throw error;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return !['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');
  }
}
