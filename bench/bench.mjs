/**
 * The benchmark: `aws-kinesis-agg`, a good hand-written JavaScript codec, the floor, which does only what no codec can
 * avoid, and this package, in turn, on the same bytes.
 *
 *     node bench/bench.mjs [--node 24] [--only REGEX] [--update] [--quick] [--json FILE] [--list]
 *
 * `--node` fetches that major version from npm and runs everything with it. `--only` takes rows whose id matches.
 * `--quick` takes fewer and shorter samples. A full run is written to `bench/results/<major>.json`, any other only where
 * `--json` says. With `--update` the rows that `--only` takes replace those of the committed result, and each says at
 * which commit it was measured. How it times: measure.mjs; what it runs: rows.mjs; the floor: floor.mjs; what it promises: targets.mjs.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { NAMES, PEER_VERSION, problem, producerProblem } from './contenders.mjs'
import { coldStart, environment, sizes } from './facts.mjs'
import { nodeOf } from './nodes.mjs'
import { writeMean } from './producer-report.mjs'
import * as report from './report.mjs'
import { writeCommitted } from './results.mjs'
import { spawnMiddle, spawnRow } from './row.mjs'
import { ROWS } from './rows.mjs'

const { values: options } = parseArgs({
  options: {
    node: { type: 'string' },
    only: { type: 'string' },
    update: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    list: { type: 'boolean', default: false }
  }
})

const major = process.versions.node.split('.')[0]
if (options.node !== undefined && options.node !== major) {
  const binary = nodeOf(options.node)
  const { status } = spawnSync(binary, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit'
  })
  process.exit(status ?? 1)
}

const pattern = new RegExp(options.only ?? '')
const rows = ROWS.filter(({ id }) => pattern.test(id))
if (options.list) {
  for (const { id } of rows) console.log(id)
  process.exit()
}

const facts = environment()
console.log(`${facts.cpu}, ${facts.cores} cores · Node ${facts.node} · commit ${facts.commit ?? 'none'}`)
console.log(
  `peer: ${NAMES.peer} ${PEER_VERSION} · each row in processes of its own, results checked before timing`
)
if (problem !== null) console.log(`ours is left out: it cannot be loaded (${problem})`)
if (producerProblem !== null) console.log(`the producer's rows are left out: ${producerProblem}`)
console.log(`\n${report.HEADING}`)

const run = options.quick
  ? (/** @type {string} */ id) => spawnRow(id, { rounds: 5, sampleMs: 10, leastIterations: 2, warmupMs: 80 })
  : (/** @type {string} */ id) => spawnMiddle(id, { rounds: 9, sampleMs: 20, warmupMs: 100, maxMs: 3500 })
/** @type {import('./row.mjs').RowResult[]} */
const results = []
let line = ''
for (const row of rows) {
  if (row.line !== line) {
    line = row.line
    console.log(`\n${report.titleOf(line)}`)
  }
  const result = await run(row.id)
  results.push(result)
  console.log(report.formatRow(result))
  if (result.wrong !== null && problem === null) console.log(`    NOT TIMED, wrong result: ${result.wrong}`)
}

const whole = options.only === undefined
const cold = whole ? coldStart(options.quick ? 5 : 20) : null
const size = whole ? sizes() : null
if (problem === null) {
  for (const against of /** @type {const} */ (['peer', 'handwritten', 'floor'])) {
    const names = [NAMES[against], NAMES.ours]
    const ratio = (against === 'floor' ? names.toReversed() : names).join(' : ')
    console.log(`\n${ratio}, the worst row of each cell / target`)
    console.log(report.summary(results, against))
  }
}
if (cold !== null) console.log(`\nrequire in a fresh process\n${report.formatColdStart(cold)}`)
if (size !== null) console.log(`\nsize\n${report.formatSizes(size)}`)
const mean = writeMean(results)
if (mean !== null) console.log(`\n${mean}`)
const { pass, near, miss } = report.tally(results)
console.log(`\ntargets: ${pass} reached (✓), ${near} within the spread (~), ${miss} missed (✗)`)

const committed = fileURLToPath(new URL(`results/${major}.json`, import.meta.url))
if (options.update && !options.quick && problem === null) {
  const json = JSON.parse(fs.readFileSync(committed, 'utf8'))
  const { commit, date } = facts
  for (const result of results) {
    const at = json.rows.findIndex((/** @type {{ id: string }} */ { id }) => id === result.id)
    json.rows.splice(at < 0 ? json.rows.length : at, 1, { ...result, commit, date })
  }
  writeCommitted(committed, json)
}
const result = { schema: 1, ...facts, quick: options.quick, coldStart: cold, sizes: size, rows: results }
if (options.json !== undefined) fs.writeFileSync(options.json, `${JSON.stringify(result, null, 1)}\n`)
else if (whole && !options.quick && problem === null) writeCommitted(committed, result)
if (problem === null && results.some(({ wrong }) => wrong !== null)) process.exitCode = 1
