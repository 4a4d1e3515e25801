/**
 * Measures one row in a process of its own: all contenders together, nobody else.
 *
 * One process for all rows would make each row's result depend on the rows before it: on the shapes that the engine has
 * seen at a call site, on the heap they leave. So `--only` and the guard would not measure what the full run measured.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { problem } from './contenders.mjs'
import { measure, ratio } from './measure.mjs'
import { ROWS } from './rows.mjs'

/**
 * @typedef {import('./contenders.mjs').Who} Who
 * @typedef {import('./measure.mjs').MeasureOptions} MeasureOptions
 * @typedef {import('./measure.mjs').Spread} Spread
 *
 * @typedef {object} RowResult
 * @property {string} id
 * @property {string} line
 * @property {string | null} column
 * @property {string} label
 * @property {number} records
 * @property {number} bytes
 * @property {number} rounds
 * @property {Partial<Record<Who, { iterations: number, cpuNs: Spread, wallNs: Spread }>>} times of one user record
 * @property {Partial<Record<Exclude<Who, 'ours'>, Spread>>} ratios of the other's CPU time to ours
 * @property {Spread | null} peerToHandwritten
 * @property {Spread | null} peerToOpenssl what the ratio to the peer would be if nothing but OpenSSL's MD5 were left
 * @property {string | null} wrong why our result was not timed
 * @property {string} [commit] where it is not that of the whole result
 * @property {string} [date] likewise
 */

/**
 * Runs a row in this process.
 * @param {string} id
 * @param {MeasureOptions} options
 * @returns {Promise<RowResult>}
 */
export async function measureRow(id, options) {
  const row = ROWS.find(candidate => candidate.id === id)
  if (row === undefined) throw new Error(`no row ${id}`)
  const { contenders, check, records, bytes } = row.setup()
  let wrong = problem
  for (const [name, work] of Object.entries(contenders)) {
    const who = /** @type {Who} */ (name)
    if (who === 'openssl') continue
    try {
      check(who, await work())
    } catch (error) {
      if (who !== 'ours') throw error
      wrong = error instanceof Error ? error.message.split('\n')[0] : String(error)
      delete contenders.ours
    }
  }
  const timings = await measure(contenders, options)
  /** @param {Spread} spread */
  const each = ({ median, q1, q3, best }) => ({
    median: round(median / records),
    q1: round(q1 / records),
    q3: round(q3 / records),
    best: round(best / records)
  })
  /** @type {RowResult['times']} */
  const times = {}
  /** @type {RowResult['ratios']} */
  const ratios = {}
  for (const [name, timing] of Object.entries(timings)) {
    times[/** @type {Who} */ (name)] = {
      iterations: timing.iterations,
      cpuNs: each(timing.cpu),
      wallNs: each(timing.wall)
    }
    if (name !== 'ours' && timings.ours !== undefined) {
      ratios[/** @type {Exclude<Who, 'ours'>} */ (name)] = rounded(ratio(timing, timings.ours))
    }
  }
  const { peer, handwritten, openssl } = timings
  return {
    id,
    line: row.line,
    column: row.column,
    label: row.label,
    records,
    bytes,
    rounds: Object.values(timings)[0].cpuRounds.length,
    times,
    ratios,
    peerToHandwritten: peer && handwritten ? rounded(ratio(peer, handwritten)) : null,
    peerToOpenssl: peer && openssl ? rounded(ratio(peer, openssl)) : null,
    wrong
  }
}

/** @param {number} value */
function round(value) {
  return Number(value.toPrecision(4))
}

/** @param {Spread} spread @returns {Spread} */
function rounded({ median, q1, q3, best }) {
  return { median: round(median), q1: round(q1), q3: round(q3), best: round(best) }
}

/**
 * Runs a row in a fresh process of the same Node.
 * @param {string} id
 * @param {MeasureOptions} options
 * @returns {Promise<RowResult>}
 */
export function spawnRow(id, options) {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [fileURLToPath(import.meta.url), id, JSON.stringify(options)],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error) reject(new Error(`row ${id}: ${stderr || error.message}`))
        else resolve(JSON.parse(stdout))
      }
    )
  })
}

/** The ratio by which a row is judged. @param {RowResult} result */
export function ratioOf({ ratios }) {
  return ratios.peer ?? ratios.openssl ?? ratios.handwritten ?? ratios.push
}

/**
 * The middle one of three runs. Now and then V8 sizes the young generation, or decides what to allocate in the old one, so
 * that a contender is two or three times slower for as long as that process lives; more rounds do not help then.
 * @param {string} id
 * @param {MeasureOptions} options
 */
export async function spawnMiddle(id, options) {
  const runs = []
  for (let i = 0; i < 3; i++) runs.push(await spawnRow(id, options))
  const wrong = runs.find(run => run.wrong !== null)
  return wrong ?? runs.toSorted((a, b) => (ratioOf(a)?.median ?? 0) - (ratioOf(b)?.median ?? 0))[1]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await measureRow(process.argv[2], JSON.parse(process.argv[3] ?? '{}'))
  console.log(JSON.stringify(result))
}
