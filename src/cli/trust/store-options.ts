import { resolve } from 'node:path';
import type { Command } from 'commander';
import { dockerTrustDirectory } from '../../notary';
import type { Terminal } from '../terminal';
import { readTopologyTrust, type TopologyTrust } from './topology-file';

export interface StoreFlags {
  readonly trustStore?: string;
  readonly topology?: string;
}

/** Adds the options that say whose keys are meant. */
export function withStoreOptions(command: Command): Command {
  return command
    .option('-t, --topology <file>', 'the topology whose keys, and whose trust store, are meant')
    .option('--trust-store <directory>', 'the trust store; default: the topology’s, else docker’s (~/.docker/trust)');
}

/** The topology, if one is named, and the trust store's directory, absolute. */
export function chosenStore(
  { trustStore, topology: file }: StoreFlags,
  terminal: Terminal,
): { readonly directory: string; readonly topology: TopologyTrust | undefined } {
  const topology = file === undefined ? undefined : readTopologyTrust(file);
  const directory = trustStore ?? topology?.trustDirectory ?? dockerTrustDirectory(terminal.environment);
  return { directory: resolve(directory), topology };
}
