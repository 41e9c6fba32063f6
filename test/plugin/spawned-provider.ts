// Entry of the bundle that handshake tests have Terraform start.
import { serve } from '../../src/plugin';
import { Library, libraryProvider } from './library';

const library = new Library();
library.before = (handler) => {
  if (process.env.LIBRARY_LOG !== undefined) console.log(`${handler} was called`);
  // Not awaited by anybody: the kind of error that ends a process.
  if (process.env.LIBRARY_CRASH_IN === handler) void Promise.reject(new Error('the roof fell in'));
  if (process.env.LIBRARY_CRASH_IN === handler) return new Promise(() => undefined);
  return undefined;
};
void serve(libraryProvider(library));
