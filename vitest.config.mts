import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { version } from './package.json' with { type: 'json' }

const dist = (name: string): string => fileURLToPath(new URL(`dist/${name}.js`, import.meta.url))

export default defineConfig({
  // As the build puts it in: tests of one room import its source.
  define: { PACKAGE_VERSION: JSON.stringify(version), OWN_MODULE: 'undefined' },
  resolve: {
    // By its own name, as users import it.
    alias: [
      { find: /^kinesis-agg$/, replacement: dist('index') },
      { find: /^kinesis-agg\/(.+)$/, replacement: dist('$1') },
      // Tests that import from src-js: a `require` of TypeScript would not find it.
      { find: /^.*\/open-wasm$/, replacement: dist('wasm-codec') }
    ]
  },
  test: {
    include: ['__test__/**/*.test.ts'],
    // Addons and worker threads: each file gets a process of its own.
    pool: 'forks',
    // Many tests wait, for time or for other processes: a machine with two cores runs three files at a time.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // For the tests of what the garbage collector may take.
    execArgv: ['--expose-gc'],
    // For what hangs: a busy machine may take its time.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // What is published is loaded by Node itself, as users load it, and is one instance with what `require` gets.
    server: { deps: { external: [/\/dist\//] } }
  }
})
