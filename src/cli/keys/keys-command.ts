import { Command } from 'commander';
import type { Terminal } from '../terminal';
import { backupCommand } from './backup-command';
import { initCommand } from './init-command';
import { listCommand } from './list-command';
import { restoreCommand } from './restore-command';

/** `dct keys`: the private keys that trust hangs on. */
export function keysCommand(terminal: Terminal): Command {
  const command = new Command('keys')
    .description('The private keys of a trust store: list, make, back up, restore.')
    .addHelpText(
      'after',
      `
Examples:
  dct keys init                                         the root key of your organisation
  dct keys list --topology topology.toml                what there is, what is missing
  dct keys backup keys.backup --topology topology.toml
  dct keys restore keys.backup                          on another machine`,
    );
  for (const make of [listCommand, initCommand, backupCommand, restoreCommand]) command.addCommand(make(terminal));
  return command;
}
