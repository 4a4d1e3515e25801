// The Rust tests under Miri and AddressSanitizer, and the addon in Node.js under valgrind's memcheck.
//
//   node scripts/sanitize.mjs [miri] [asan] [valgrind]    all of them, if none is named
//
// Miri and AddressSanitizer take a nightly toolchain (`rustup toolchain install nightly --component miri`), valgrind
// the program of that name. What is missing is told, and is a failure if it was named.
import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target')

function run(command, args, env = {}) {
  console.log(`$ ${[command, ...args].join(' ')}`)
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env }
  })
  return status === 0
}

const works = (command, ...args) => spawnSync(command, args, { cwd: root, stdio: 'ignore' }).status === 0
const host = () => /host: (\S+)/.exec(spawnSync('rustc', ['-vV'], { encoding: 'utf8' }).stdout)[1]

/** Each: what it takes, and the run itself. */
const sanitizers = {
  miri: {
    needs: 'the nightly toolchain with the component miri',
    isThere: () => works('cargo', '+nightly', 'miri', '--version'),
    // The tests that compare with generated or random input would take hours; the fuzzers' corpus is in their place.
    run: () =>
      run(
        'cargo',
        [
          '+nightly',
          'miri',
          'test',
          '--no-default-features',
          '--lib',
          ...testsOf('errors', 'hostile', 'corpus')
        ],
        // The tests read files. Its own folder, since Miri builds its own standard library.
        { MIRIFLAGS: '-Zmiri-disable-isolation', CARGO_TARGET_DIR: join(target, 'miri') }
      )
  },
  asan: {
    needs: 'the nightly toolchain',
    isThere: () => works('cargo', '+nightly', '--version'),
    run: () =>
      run(
        'cargo',
        // With a target named, build scripts and macros are not instrumented.
        ['+nightly', 'test', '--no-default-features', '--target', host(), '--lib', '--tests'],
        {
          RUSTFLAGS: '-Zsanitizer=address',
          CARGO_PROFILE_DEV_OPT_LEVEL: '1',
          CARGO_TARGET_DIR: join(target, 'asan')
        }
      )
  },
  valgrind: {
    needs: 'valgrind',
    isThere: () => works('valgrind', '--version'),
    run: () => {
      // With symbols, so that a report names functions, and without the inlining of a whole-program build.
      const env = {
        CARGO_TARGET_DIR: join(target, 'valgrind'),
        CARGO_PROFILE_RELEASE_STRIP: 'none',
        CARGO_PROFILE_RELEASE_DEBUG: 'line-tables-only',
        CARGO_PROFILE_RELEASE_LTO: 'off'
      }
      if (!run('cargo', ['build', '--release'], env)) return false
      // Node.js loads it by the name.
      const binary = join(target, 'valgrind', 'kinesis-agg.node')
      copyFileSync(join(target, 'valgrind', 'release', 'libkinesis_agg.so'), binary)
      return run(
        'valgrind',
        [
          '--error-exitcode=99',
          '--num-callers=40',
          `--suppressions=${join(root, 'scripts', 'valgrind.supp')}`,
          process.execPath,
          // Without generated code, of which memcheck knows nothing, there is nothing to suppress.
          '--jitless',
          join(root, 'scripts', 'soak.mjs'),
          '--rounds',
          '1'
        ],
        { KINESIS_AGG_BINARY: binary }
      )
    }
  }
}

function testsOf(...names) {
  return names.flatMap(name => ['--test', name])
}

const named = process.argv.slice(2)
for (const name of named) {
  if (!(name in sanitizers))
    throw new Error(`no sanitizer ${name}; there are ${Object.keys(sanitizers).join(', ')}`)
}
for (const [name, { needs, isThere, run: go }] of Object.entries(sanitizers)) {
  if (named.length > 0 && !named.includes(name)) continue
  if (!isThere()) {
    console.log(`${name}: NOT RUN, for want of ${needs}`)
    if (named.length > 0) process.exitCode = 1
    continue
  }
  const start = performance.now()
  const good = go()
  console.log(
    `${name}: ${good ? 'nothing found' : 'FAILED'}, ${((performance.now() - start) / 1000).toFixed(0)} s`
  )
  if (!good) process.exitCode = 1
}
