/**
 * Fails when a row has lost too much of its ratio, a quarter, against the committed result of this major version of Node.
 *
 *     node bench/guard.mjs [--results FILE]
 *
 * If there is no such result, it runs under the nearest major version that there is one of, from npm.
 *
 * Made for noisy machines: ratios of CPU time, taken in pairs; the better of median and best; and a row counts as lost
 * only if it fails three times. On another CPU model than that of the committed result a row may lose four tenths.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { OUR_ENTRY, problem } from './contenders.mjs'
import { nodeOf } from './nodes.mjs'
import { ratioOf, spawnRow } from './row.mjs'
import { GUARD_LOSS, GUARD_LOSS_ELSEWHERE } from './targets.mjs'

/** One row of each kind of work, the sizes spread over them; all together a minute at most, when nothing fails. */
const GUARDED = [
  'dropIn/50Bx100',
  'dropInChecksum/300Bx300',
  'buffers/1KBx900',
  'event/300B',
  'aggregateRecords/100Bx500',
  'aggregateRepeat/50Bx100',
  'aggregateNew/300Bx300',
  'push/100Bx500',
  'shardedNew/100B',
  'aggregate16/1KB',
  'plain/100B',
  'md5/16x256KB',
  'md5/1x1024KB'
]
const TRIES = 3
const MEASURE = { rounds: 11, sampleMs: 20, warmupMs: 100, maxMs: 3000 }
const BUDGET_MS = 110_000

const { values: options } = parseArgs({ options: { results: { type: 'string' } } })

const HERE = Number(process.versions.node.split('.')[0])

/** The major version of Node nearest to this one that there is a committed result of. */
function nearestMajor() {
  return fs
    .readdirSync(new URL('results/', import.meta.url))
    .map(name => Number(/^(\d+)\.json$/.exec(name)?.[1] ?? Number.NaN))
    .filter(major => !Number.isNaN(major))
    .toSorted((a, b) => Math.abs(a - HERE) - Math.abs(b - HERE))[0]
}

/** Zen 1 carries AVX2 out in halves: many streams of MD5 gain half of what they do on other CPUs. */
function halvesAvx2() {
  if (process.platform !== 'linux') return false
  const info = fs.readFileSync('/proc/cpuinfo', 'utf8')
  return /^cpu family\s*: 23$/m.test(info) && /^model\s*: (?:1|8|17|24)$/m.test(info)
}

if (problem !== null) {
  console.error(`guard: ${OUR_ENTRY} cannot be loaded: ${problem}`)
  process.exit(1)
}
const major = nearestMajor()
if (options.results === undefined && major === undefined) {
  console.error('guard: no committed result to compare with; run `node bench/bench.mjs` first')
  process.exit(1)
}
if (options.results === undefined && major !== HERE) {
  const { status } = spawnSync(nodeOf(String(major)), process.argv.slice(1), { stdio: 'inherit' })
  process.exit(status ?? 1)
}
const file = options.results ?? fileURLToPath(new URL(`results/${major}.json`, import.meta.url))
/** @type {{ node: string, commit: string | null, cpu: string, rows: import('./row.mjs').RowResult[] }} */
const committed = JSON.parse(fs.readFileSync(file, 'utf8'))
const cpu = os.cpus()[0]?.model
const maxLoss = cpu === committed.cpu ? GUARD_LOSS : GUARD_LOSS_ELSEWHERE
console.log(`guard: Node ${process.version} against ${committed.node}, commit ${committed.commit ?? 'none'}`)
console.log(`guard: ${cpu} against ${committed.cpu}: a row may lose ${100 * maxLoss} %`)

const start = Date.now()
let lost = 0
let unsure = 0
for (const id of GUARDED) {
  const before = committed.rows.find(row => row.id === id)
  const ratioBefore = before && ratioOf(before)
  if (ratioBefore === undefined) {
    console.log(`  ${id.padEnd(28)} not in the committed result`)
    continue
  }
  const share = id === 'md5/16x256KB' && halvesAvx2() ? 0.5 : 1
  const least = ratioBefore.median * (1 - maxLoss) * share
  let reached = 0
  let tries = 0
  let wrong = /** @type {string | null} */ (null)
  while (
    tries < TRIES &&
    reached < least &&
    wrong === null &&
    (tries === 0 || Date.now() - start < BUDGET_MS)
  ) {
    tries++
    const result = await spawnRow(id, MEASURE)
    wrong = result.wrong
    const ratio = ratioOf(result)
    if (ratio !== undefined) reached = Math.max(reached, ratio.median, ratio.best)
  }
  let verdict = 'ok'
  if (wrong !== null) verdict = `WRONG RESULT: ${wrong}`
  else if (reached < least) verdict = tries === TRIES ? 'LOST' : 'too slow, but no time was left to try again'
  if (wrong !== null || (reached < least && tries === TRIES)) lost++
  else if (reached < least) unsure++
  console.log(
    `  ${id.padEnd(28)} ${reached.toFixed(2).padStart(6)}, was ${ratioBefore.median.toFixed(2)}, ` +
      `at least ${least.toFixed(2)}, ${tries} ${tries === 1 ? 'try' : 'tries'}: ${verdict}`
  )
}
// Running out of time means that many rows were slow: that is a loss as well.
const failed = lost > 0 || unsure > 0
console.log(
  `guard: ${failed ? `${lost + unsure} of ${GUARDED.length} rows` : 'no row'} lost more than ${100 * maxLoss} %`
)
process.exit(failed ? 1 : 0)
