import { Command, CommanderError } from 'commander';
import { AnswerIsNo, exitCode } from './exit-code';
import { failureText } from './failure';
import { keysCommand } from './keys/keys-command';
import { revokeKeyCommand } from './revoke-key/command';
import { sandboxCommand } from './sandbox-command';
import type { Terminal } from './terminal';
import { packageVersion } from './version';

/**
 * Runs `dct` with these arguments. Every failure is printed, none is thrown.
 *
 * @returns the exit code: 0 done, 1 failed, 2 the command line was wrong
 */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await dct(terminal).parseAsync(args, { from: 'user' });
    return exitCode.success;
  } catch (error) {
    // commander has printed its own; asking for help or the version is no failure
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.success : exitCode.usage;
    terminal.progress('');
    if (!(error instanceof AnswerIsNo)) terminal.complain(failureText(error));
    return exitCode.failure;
  }
}

function dct(terminal: Terminal): Command {
  const program = new Command('dct')
    .description('Docker Content Trust across many clusters.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 failed or the answer is no, 2 wrong command line.

Examples:
  dct sandbox                      a registry and three clusters to try things on
  dct keys list                    the keys of the trust store, and what hangs on them
  dct revoke-key <key-id> …        where a key stands, and its removal
  dct help sandbox                 what it can do`,
    );
  program.addCommand(sandboxCommand(terminal));
  program.addCommand(keysCommand(terminal));
  program.addCommand(revokeKeyCommand(terminal));
  settle(program, 'dct', terminal);
  return program;
}

/** What all commands have in common, down to the last of `dct keys …`. */
function settle(command: Command, words: string, terminal: Terminal): void {
  command
    .exitOverride()
    .helpOption('-h, --help', 'print this help')
    .configureOutput({
      writeOut: (text) => {
        terminal.print(text);
      },
      writeErr: (text) => {
        terminal.complain(text);
      },
    })
    .showHelpAfterError(`Try: ${words} --help`);
  if (command.commands.length > 0) command.helpCommand('help [command]', 'print the help of a command');
  for (const below of command.commands) settle(below, `${words} ${below.name()}`, terminal);
}
