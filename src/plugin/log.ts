import type { JsonObject, Log } from './definition';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

/**
 * Log lines in hclog's JSON, which Terraform takes apart and shows under TF_LOG. Nothing is written below the level that
 * TF_LOG_PROVIDER or TF_LOG asks for, since every line costs both processes.
 */
export function hclog(name: string, write: (line: string) => void, environment: NodeJS.ProcessEnv = process.env): Log {
  const threshold = levelAskedFor(environment);
  const log = (level: Level) => {
    if (LEVELS.indexOf(level) < threshold) return () => undefined;
    return (message: string, fields?: JsonObject) => {
      write(
        JSON.stringify({
          ...fields,
          '@level': level,
          '@message': message,
          '@module': `provider.${name}`,
          // Microseconds, or go-plugin does not take the line for a log entry.
          '@timestamp': new Date().toISOString().replace('Z', '000Z'),
        }),
      );
    };
  };
  return { trace: log('trace'), debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

function levelAskedFor(environment: NodeJS.ProcessEnv): number {
  const asked = (environment.TF_LOG_PROVIDER ?? environment.TF_LOG ?? '').toLowerCase();
  if (asked === '' || asked === 'off') return LEVELS.length;
  // Terraform takes JSON, and whatever it does not know, as TRACE.
  return Math.max(
    0,
    LEVELS.findIndex((level) => level === asked),
  );
}
