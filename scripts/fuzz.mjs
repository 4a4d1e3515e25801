// Runs every fuzz target for some time, each from the corpus in fuzz/corpus; what crashes one is kept in
// fuzz/artifacts, and belongs into fuzz/regressions/<target> under a name that says what it is.
//
//   node scripts/fuzz.mjs [--seconds 120] [target ...]
//
// It takes a nightly toolchain (`rustup toolchain install nightly`) and, the first time, a registry to install
// cargo-fuzz from. Where there is no nightly, the corpus is replayed on the stable toolchain instead.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const all = readdirSync(join(root, 'fuzz', 'fuzz_targets')).map(name => name.replace(/\.rs$/, ''))
// Longer inputs than these find no more, in more time.
const LONGEST = { encode: 64, md5: 48 }

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '120' } },
  allowPositionals: true
})
const seconds = Number(values.seconds)
if (!Number.isInteger(seconds) || seconds < 1) throw new Error('--seconds takes a whole number from 1')
const targets = positionals.length > 0 ? positionals : all
for (const name of targets) {
  if (!all.includes(name)) throw new Error(`no target ${name}; there are ${all.join(', ')}`)
}

function run(command, args) {
  console.log(`$ ${[command, ...args].join(' ')}`)
  return spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0
}

const works = (command, ...args) => spawnSync(command, args, { cwd: root, stdio: 'ignore' }).status === 0

function fuzz(name) {
  // What is found on the way is not the corpus that is committed.
  const found = mkdtempSync(join(tmpdir(), `kinesis-agg-fuzz-${name}-`))
  const committed = ['corpus', 'regressions'].map(kind => join('fuzz', kind, name))
  for (const folder of committed) mkdirSync(join(root, folder), { recursive: true })
  const options = [`-max_total_time=${seconds}`, `-max_len=${LONGEST[name] ?? 256}`, '-print_final_stats=1']
  const good = run('cargo', ['+nightly', 'fuzz', 'run', name, found, ...committed, '--', ...options])
  rmSync(found, { recursive: true })
  return good
}

if (!works('cargo', '+nightly', '--version')) {
  console.log('NOT FUZZED: there is no nightly toolchain. Replaying the corpus on the stable one.')
  if (!run('cargo', ['test', '--no-default-features', '--test', 'corpus'])) process.exitCode = 1
} else if (!works('cargo', 'fuzz', '--version') && !run('cargo', ['install', '--locked', 'cargo-fuzz'])) {
  console.error('cargo-fuzz cannot be installed')
  process.exitCode = 1
} else {
  const failed = targets.filter(name => !fuzz(name))
  if (failed.length > 0) {
    console.error(`Failed: ${failed.join(', ')}`)
    process.exitCode = 1
  }
}
