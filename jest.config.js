/** @type {import('jest').Config} */
module.exports = {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // For what hangs: no test asserts how long something takes, and machines differ by three times.
  testTimeout: 300_000,
  testSequencer: '<rootDir>/test/sequencer.cjs',
  // Two cores, and tests that wait for Terraform, servers and disks.
  maxWorkers: 3,
};
