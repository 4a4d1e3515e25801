/**
 * The results in `bench/results/`: what the report, the guard, the chart and the pages read, with a row in each line. The
 * whole measurement goes to the file of `--json`.
 */
import fs from 'node:fs'
import path from 'node:path'

/** @typedef {import('./row.mjs').RowResult} RowResult */

/** @param {import('./measure.mjs').Spread} spread */
const quartiles = ({ median, q1, q3 }) => ({ median, q1, q3 })

/**
 * A row without what only a look at the measurement itself needs: best rounds, elapsed times, iterations.
 * @param {RowResult} row
 */
function condensedRow(row) {
  const { id, line, column, label, records, bytes, times, ratios, peerToHandwritten, commit, date } = row
  return {
    id,
    line,
    column,
    label,
    records,
    bytes,
    times: mapValues(times, ({ cpuNs }) => ({ cpuNs: { median: cpuNs.median } })),
    ratios: mapValues(ratios, quartiles),
    ...(peerToHandwritten ? { peerToHandwritten: { median: peerToHandwritten.median } } : {}),
    ...(commit ? { commit, date } : {})
  }
}

/**
 * @template V, R
 * @param {Record<string, V>} object
 * @param {(value: V) => R} change
 * @returns {Record<string, R>}
 */
const mapValues = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))

/**
 * Writes a committed result.
 * @param {string} file
 * @param {{ rows: RowResult[], coldStart: any } & Record<string, unknown>} result
 */
export function writeCommitted(file, { rows, ...about }) {
  const { coldStart } = about
  const facts = { ...about, coldStart: coldStart && mapValues(coldStart, condensedColdStart) }
  const lines = rows.map(row => `  ${JSON.stringify(condensedRow(row))}`)
  const head = JSON.stringify(facts, null, 1).replace(/\n\}$/, '')
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, `${head},\n "rows": [\n${lines.join(',\n')}\n ]\n}\n`)
}

/** @param {{ runs: number, wallMs: import('./measure.mjs').Spread, cpuMs: import('./measure.mjs').Spread }} one */
function condensedColdStart({ runs, wallMs, cpuMs }) {
  return { runs, wallMs: { median: rounded(wallMs.median) }, cpuMs: { median: rounded(cpuMs.median) } }
}

/** @param {number} value */
const rounded = value => Number(value.toPrecision(4))
