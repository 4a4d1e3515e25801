// Runs every fuzz target for some time, as many at once as there are CPUs, each from the corpus in fuzz/corpus; what
// crashes one is kept in fuzz/artifacts, and belongs into fuzz/regressions/<target> under a name that says what it is.
//
//   node scripts/fuzz.mjs [--seconds 120] [target ...]
//
// It takes a nightly toolchain (`rustup toolchain install nightly`) and, the first time, a registry to install
// cargo-fuzz from. Where there is no nightly, the corpus is replayed on the stable toolchain instead.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
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

/** The outcome of one target, with all that it said if it failed, and the last lines if not. */
function fuzz(name) {
  // What is found on the way is not the corpus that is committed.
  const found = mkdtempSync(join(tmpdir(), `kinesis-agg-fuzz-${name}-`))
  const committed = ['corpus', 'regressions'].map(kind => join('fuzz', kind, name))
  for (const folder of committed) mkdirSync(join(root, folder), { recursive: true })
  const options = [`-max_total_time=${seconds}`, `-max_len=${LONGEST[name] ?? 256}`, '-print_final_stats=1']
  const args = ['+nightly', 'fuzz', 'run', name, found, ...committed, '--', ...options]
  console.log(`$ ${['cargo', ...args].join(' ')}`)
  return new Promise(resolve => {
    const child = spawn('cargo', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', bytes => said.push(bytes))
    child.on('close', status => {
      rmSync(found, { recursive: true })
      const lines = Buffer.concat(said).toString().trim().split('\n')
      console.log(`\n${name}:\n${(status === 0 ? lines.slice(-6) : lines).join('\n')}`)
      resolve(status === 0)
    })
  })
}

/** Fuzzes the targets, a few at once; returns those that failed. */
async function fuzzAll() {
  const waiting = [...targets]
  const failed = []
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
      if (!(await fuzz(name))) failed.push(name)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  return failed
}

if (!works('cargo', '+nightly', '--version')) {
  console.log('NOT FUZZED: there is no nightly toolchain. Replaying the corpus on the stable one.')
  if (!run('cargo', ['test', '--no-default-features', '--test', 'corpus'])) process.exitCode = 1
} else if (!works('cargo', 'fuzz', '--version') && !run('cargo', ['install', '--locked', 'cargo-fuzz'])) {
  console.error('cargo-fuzz cannot be installed')
  process.exitCode = 1
} else if (!run('cargo', ['+nightly', 'fuzz', 'build'])) {
  process.exitCode = 1
} else {
  const failed = await fuzzAll()
  if (failed.length > 0) {
    console.error(`Failed: ${failed.join(', ')}`)
    process.exitCode = 1
  }
}
