import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['__test__/**/*.test.ts'],
    // Addons and worker threads: each file gets a process of its own.
    pool: 'forks',
    // For the tests of what the garbage collector may take.
    execArgv: ['--expose-gc'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is published is loaded by Node itself, as users load it, and is one instance with what `require` gets.
    server: { deps: { external: [/\/(index|binding)\.m?js$/, /\/lib\/[\w-]+\.js$/] } }
  }
})
