// Runs every fuzz target for some time, as many at once as there are CPUs, each from its corpus in fuzz/corpus. An input
// that crashes a target is kept in fuzz/artifacts. Put it into fuzz/regressions/<target> under a name that says what it is.
//
//   node scripts/fuzz.mjs [--seconds 120] [--update] [target ...]
//
// With `--update`, each corpus is then replaced by the smallest set of its own and the new inputs that covers the same.
//
// It needs a nightly toolchain (`rustup toolchain install nightly`) and, the first time, a registry to install
// cargo-fuzz from. Without a nightly toolchain, the corpus is replayed on the stable one instead.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { pack, unpack } from './corpus.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const all = readdirSync(join(root, 'fuzz', 'fuzz_targets')).map(name => name.replace(/\.rs$/, ''))
// Longer inputs than these find no more, in more time.
const LONGEST = { encode: 64, md5: 48 }

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '120' }, update: { type: 'boolean', default: false } },
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

const fuzzArgs = (name, folders, options) => ['+nightly', 'fuzz', 'run', name, ...folders, '--', ...options]

/** Fuzzes a target and returns whether it held. Prints all of its output if it failed, else the last lines. */
async function fuzz(name) {
  const found = mkdtempSync(join(tmpdir(), `kinesis-agg-fuzz-${name}-`))
  const corpus = unpack(name)
  const folders = [found, corpus, ...regressionsOf(name)]
  const options = [`-max_total_time=${seconds}`, `-max_len=${LONGEST[name] ?? 256}`, '-print_final_stats=1']
  const args = fuzzArgs(name, folders, options)
  console.log(`$ ${['cargo', ...args].join(' ')}`)
  const held = await new Promise(resolve => {
    const child = spawn('cargo', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', bytes => said.push(bytes))
    child.on('close', status => {
      const lines = Buffer.concat(said).toString().trim().split('\n')
      console.log(`\n${name}:\n${(status === 0 ? lines.slice(-6) : lines).join('\n')}`)
      resolve(status === 0)
    })
  })
  const updated = !held || !values.update || update(name, [corpus, found])
  for (const folder of [found, corpus]) rmSync(folder, { recursive: true })
  return held && updated
}

const regressionsOf = name => {
  const folder = join('fuzz', 'regressions', name)
  return existsSync(join(root, folder)) ? [folder] : []
}

/** Replaces the corpus of a target by the smallest set of inputs of `folders` that covers the same. */
function update(name, folders) {
  const smallest = mkdtempSync(join(tmpdir(), `kinesis-agg-fuzz-${name}-`))
  const merged = run('cargo', fuzzArgs(name, [smallest, ...folders], ['-set_cover_merge=1']))
  if (merged) console.log(`${name}: the corpus has ${pack(name, smallest)} inputs`)
  rmSync(smallest, { recursive: true })
  return merged
}

/** Fuzzes the targets, a few at a time. Returns the names of those that failed. */
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
