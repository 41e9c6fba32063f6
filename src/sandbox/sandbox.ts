import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { DctError, systemCode } from '../error';
import { Authority } from './authority';
import { type Clock, systemClock } from './clock';
import { addDemoAccounts, writeBundles } from './demo-accounts';
import { putDemoImages } from './demo-images';
import { Dtr, type DtrOptions } from './dtr';
import { makeFolder } from './make-folder';
import { notaryWarnings } from './notary-warnings';
import { markRunning, unmarkRunning } from './running-mark';
import { findPrograms } from './real-notary';
import { StateDirectory } from './state-directory';
import { topologyFile } from './topology-file';
import { type PolicyReadings, type Registration, UcpCluster } from './ucp';

export interface SandboxOptions {
  /** Where everything is kept; made where it is missing. A sandbox that was kept there comes back as it was. */
  readonly directory: string;
  /**
   * How many clusters, the DTR's own `cluster1` among them. From 4 on the last one is in no topology. @default 3
   */
  readonly clusters?: number;
  /** @default the system's */
  readonly clock?: Clock;
  /** How the clusters read what the documents leave open. */
  readonly readings?: Partial<PolicyReadings>;
  /** @default '3.2.8' */
  readonly ucpVersion?: string;
  /** `real`: the real notary-server, found on PATH; it keeps trust data in memory only. @default embedded */
  readonly notary?: 'embedded' | 'real';
}

export interface SandboxRegistry {
  /** `localhost:<port>` */
  readonly hostAddress: string;
  readonly caFile: string;
  readonly username: string;
  readonly password: string;
}

export interface SandboxCluster {
  readonly name: string;
  /** `https://localhost:<port>` */
  readonly endpoint: string;
  /** Folder of the bundle of `<name>admin`; the same as zip lies beside it. */
  readonly clientBundle: string;
  readonly caFile: string;
  readonly username: string;
  readonly password: string;
}

/** A sandbox that is up. */
export interface Sandbox {
  readonly directory: string;
  readonly registry: SandboxRegistry;
  readonly clusters: readonly SandboxCluster[];
  /** Path of a topology file for it. */
  readonly topology: string;
  /** What is not as it was when this sandbox was last up. */
  readonly warnings: readonly string[];
  /** The DTR itself, for who runs the sandbox in process. */
  readonly dtr: Dtr;
  /** A cluster itself. @throws Error for a name there is none of */
  ucp(name: string): UcpCluster;
  close(): Promise<void>;
}

const keptSchema = v.object({
  authority: v.object({ certificate: v.string(), privateKey: v.string() }),
  password: v.string(),
  /** Of the account clusters read trust data with. */
  readerPassword: v.string(),
  serviceId: v.string(),
  hostAddress: v.optional(v.string()),
  /** Of the demo images as they were made, whatever their tags hold by now. */
  digests: v.optional(v.record(v.string(), v.string())),
  notary: v.optional(v.picklist(['embedded', 'real'])),
});
type Kept = v.InferOutput<typeof keptSchema>;

/**
 * Starts a DTR with Notary and UCP clusters on loopback.
 *
 * @throws DctError `sandbox_running` when one is up in the directory already, `not_a_sandbox` for a folder with other files,
 *   `unusable_directory`, `program_missing` and `program_failed` (a real Notary)
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  // Before anything is made.
  if (options.notary === 'real') findPrograms();
  const directory = new StateDirectory(resolve(options.directory));
  const state = directory.below('state');
  await makeFolder(directory.path);
  await checkFolder(directory, state);
  await makeFolder(state.path);
  await chmod(directory.path, 0o700);
  await markRunning(state);
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((part) => part.close()));
    await unmarkRunning(state);
  };
  try {
    return { ...(await bringUp(options, directory, state, opened)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A sandbox writes keys and a topology of its own: never over files that are somebody else's. */
async function checkFolder({ path }: StateDirectory, state: StateDirectory): Promise<void> {
  const files = await readdir(path).catch(() => []);
  if (files.length === 0 || existsSync(state.path)) return;
  throw new DctError(
    'not_a_sandbox',
    `${path} holds files that are not a sandbox's (${files.slice(0, 3).join(', ')} …)`,
    {
      cure: 'Give a new or an empty directory.',
    },
  );
}

async function bringUp(
  options: SandboxOptions,
  directory: StateDirectory,
  state: StateDirectory,
  opened: { close(): Promise<void> }[],
): Promise<Omit<Sandbox, 'close'>> {
  const clock = options.clock ?? systemClock;
  const before = await keep(state);
  const authority = await Authority.load(before.authority);
  const caFile = await directory.write('ca.pem', authority.certificate);
  // The folder is full of private keys: nothing in it is for a repository of sources.
  await directory.write('.gitignore', '*\n');

  const notary = options.notary ?? 'embedded';
  const dtr = await startDtr(before, { authority, clock, directory: state.below('dtr'), notary });
  opened.push(dtr);
  const { hostAddress } = dtr;
  const kept = { ...before, hostAddress, notary, digests: before.digests ?? (await putDemoImages(dtr)) };
  await state.writeJson('sandbox.json', kept);
  const movedFrom = before.hostAddress === hostAddress ? undefined : before.hostAddress;

  const names = Array.from({ length: options.clusters ?? 3 }, (_, index) => `cluster${String(index + 1)}`);
  const leftOut = names.length >= 4 ? names.at(-1) : undefined;
  const started = await Promise.allSettled(
    names.map(async (name) => {
      const isOwn = name === 'cluster1';
      const ucp = await UcpCluster.start({
        name,
        state: state.below(`clusters/${name}`),
        authority,
        clock,
        readings: options.readings ?? {},
        version: options.ucpVersion ?? '3.2.8',
        registrations: isOwn ? [ownRegistration(kept)] : [],
        requireContentTrust: name === leftOut,
        readingAccounts: { [hostAddress]: { username: 'ucp', password: kept.readerPassword } },
      });
      opened.push(ucp);
      if (ucp.isNew) await addDemoAccounts(ucp);
      await writeBundles(ucp, directory.below('bundles'));
      if (isOwn && movedFrom !== undefined) await ucp.setConfig(ucp.config.replaceAll(movedFrom, hostAddress));
      return ucp;
    }),
  );
  const ucps = started.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });

  const registry = { hostAddress, caFile, username: 'admin', password: kept.password };
  const clusters = ucps.map((ucp) => describe(ucp, directory, caFile));
  const remote = names.filter((name) => name !== 'cluster1' && name !== leftOut);
  const text = topologyFile({ hostAddress, username: registry.username, clusters: remote, digests: kept.digests });
  const topology = await keepTopology(directory, state, text, movedFrom !== undefined);
  await directory.writeJson('sandbox.json', { registry, clusters, topology });
  return {
    directory: directory.path,
    registry,
    clusters,
    topology,
    warnings: [
      ...(movedFrom === undefined
        ? []
        : [`the registry is now ${hostAddress}, since ${movedFrom} was taken: trust data stays with the old name`]),
      ...notaryWarnings(notary, before.notary),
    ],
    dtr,
    ucp: (name) => {
      const found = ucps.find((candidate) => candidate.name === name);
      if (found === undefined) throw new Error(`the sandbox has no cluster ${name}`);
      return found;
    },
  };
}

function describe(ucp: UcpCluster, directory: StateDirectory, caFile: string): SandboxCluster {
  return {
    name: ucp.name,
    endpoint: ucp.endpoint.origin,
    clientBundle: directory.file(`bundles/${ucp.name}`),
    caFile,
    username: 'admin',
    password: ucp.accounts.find('admin')?.password ?? '',
  };
}

/** What installing a DTR writes into its own UCP: with the service ID of single sign-on. */
function ownRegistration(kept: Kept & { readonly hostAddress: string }): Registration {
  return {
    hostAddress: kept.hostAddress,
    serviceID: kept.serviceId,
    caBundle: kept.authority.certificate,
    batchScanningDataEnabled: true,
  };
}

async function keep(state: StateDirectory): Promise<Kept> {
  const saved = await state.readJson('sandbox.json');
  if (saved !== undefined) return v.parse(keptSchema, saved);
  const { certificate, privateKey } = await Authority.create('dct sandbox CA');
  const password = (): string => randomBytes(12).toString('base64url');
  return {
    authority: { certificate, privateKey },
    password: password(),
    readerPassword: password(),
    serviceId: randomUUID(),
  };
}

/** On the port it had, since the address is the first part of every GUN; on another one when that is taken. */
async function startDtr(
  kept: Kept,
  options: Pick<DtrOptions, 'authority' | 'clock' | 'directory' | 'notary'>,
): Promise<Dtr> {
  const users = {
    admin: { password: kept.password, admin: true },
    // What a registration gives a UCP: it may read trust data, whoever deploys there.
    ucp: { password: kept.readerPassword, admin: true },
  };
  const port = Number(kept.hostAddress?.split(':')[1] ?? 0);
  try {
    return await Dtr.start({ ...options, users, port });
  } catch (error) {
    if (port === 0 || systemCode(error) !== 'EADDRINUSE') throw error;
    return Dtr.start({ ...options, users });
  }
}

/** Writes the topology file, but leaves one alone that somebody has edited and that still names this registry. */
async function keepTopology(
  directory: StateDirectory,
  state: StateDirectory,
  text: string,
  moved: boolean,
): Promise<string> {
  const [current, written] = [await directory.read('topology.toml'), await state.read('topology.toml')];
  const edited = current !== undefined && written !== undefined && !current.equals(written);
  if (!edited || moved) {
    await state.write('topology.toml', text);
    await directory.write('topology.toml', text);
  }
  return directory.file('topology.toml');
}
