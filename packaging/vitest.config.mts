import { defineConfig } from 'vitest/config'

/** Tests of what gets published. They take the binaries in `npm/`, which `npm run build:linux` builds. */
export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ['*.test.ts'],
    globalSetup: 'packaging/support/setup.ts',
    pool: 'forks',
    // Half of the time is npm's.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 180_000
  }
})
