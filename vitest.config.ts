import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/evm/conformance/**/*.test.ts',
      'contracts/test/**/*.test.ts',
      'examples/**/*.test.ts',
      'e2e/**/*.test.ts',
      'tools/**/*.test.ts',
      'bench/**/*.test.ts',
    ],
    setupFiles: ['./tools/fixed-seed.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Each e2e file starts a network of a dozen processes; more than two at once starve one another on small machines.
    maxWorkers: 2,
    reporters: ['default', './tools/count-tests.mjs'],
  },
})
