import { readFileSync } from 'node:fs';
import { join } from 'node:path';
// Past the door of plugin: the handshake is to load nothing that it does not need.
import { start } from '../plugin/transport/start';

void start({
  name: 'dct',
  load: async (log) => (await import('./answers.js')).dctAnswers(log),
  schemaReply: () => Promise.resolve(readFileSync(join(__dirname, 'schema.bin'))),
});
