/**
 * Aborted at Ctrl-C or when somebody asks the demo to end; its reason is an {@link Interrupted}. Ending takes seconds at most,
 * and further signals change nothing: npm hands on a Ctrl-C that has come from the terminal already.
 */
export function stopAtSignals(): AbortSignal {
  const controller = new AbortController();
  for (const [signal, exitCode] of Object.entries(EXIT_CODES)) {
    process.on(signal, () => {
      if (controller.signal.aborted) return;
      console.log(`\n== ${signal}: ending what runs, and removing what is left`);
      controller.abort(new Interrupted(exitCode));
    });
  }
  return controller.signal;
}

/** The demo was asked to end. */
export class Interrupted extends Error {
  constructor(readonly exitCode: number) {
    super('Interrupted. Nothing is left running, and the folder is removed.');
  }
}

// As a shell counts them: 128 and the signal's number.
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
