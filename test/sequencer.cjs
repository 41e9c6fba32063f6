const { default: Sequencer } = require('@jest/test-sequencer');

/** What takes longest comes first, so that no worker is left alone with it at the end; jest itself goes by the size of files. */
const LONGEST = ['randomised', '/e2e/', '/acceptance/', '/interop/'];

module.exports = class extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => rank(a.path) - rank(b.path));
  }
};

function rank(path) {
  const found = LONGEST.findIndex((part) => path.includes(part));
  return found === -1 ? LONGEST.length : found;
}
