/**
 * Runs one row of the benchmark in a loop, for a profiler.
 *
 *     node --cpu-prof bench/profile.mjs dropIn/50Bx100
 *     node bench/profile.mjs event/300B --who handwritten --seconds 10
 *     valgrind --tool=callgrind node bench/profile.mjs push/300Bx300 --iterations 50
 */
import { parseArgs } from 'node:util'
import { ROWS } from './rows.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    who: { type: 'string', default: 'ours' },
    seconds: { type: 'string', default: '5' },
    iterations: { type: 'string' }
  }
})

const row = ROWS.find(({ id }) => id === positionals[0])
if (row === undefined) {
  console.error(`Say which row:\n${ROWS.map(({ id }) => `  ${id}`).join('\n')}`)
  process.exit(1)
}
const { contenders, check, records, bytes } = row.setup()
const who = /** @type {import('./contenders.mjs').Who} */ (values.who)
const work = contenders[who]
if (work === undefined) {
  console.error(
    `${row.id} has no contender ${who}, or it cannot be loaded; there are: ${Object.keys(contenders)}`
  )
  process.exit(1)
}
if (who !== 'openssl') check(who, await work())

const limit = values.iterations === undefined ? null : Number(values.iterations)
const end = process.hrtime.bigint() + BigInt(Math.round(Number(values.seconds) * 1e9))
/** @param {number} done */
const enough = done => (limit === null ? process.hrtime.bigint() >= end : done >= limit)
const start = process.cpuUsage()
let iterations = 0
while (!enough(iterations)) {
  const result = work()
  if (result instanceof Promise) await result
  iterations++
}
const { user, system } = process.cpuUsage(start)
const each = ((user + system) * 1000) / iterations
console.log(
  `${row.id}, ${who}: ${iterations} iterations, ${(each / records).toFixed(1)} ns a record, ` +
    `${((bytes / each) * 1000).toFixed(0)} MB/s of data (CPU time, ${process.version})`
)
