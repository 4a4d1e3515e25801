/**
 * Writes the figures of `bench/results/` into the pages that show them, between markers. `node bench/docs.mjs`
 */
import fs from 'node:fs'
import { handlerTable } from './handler/table.mjs'
import { languagesTable } from './languages/table.mjs'
import { machine, recorded, table, write } from './page.mjs'
import { isProducer, producerTable, writeMean } from './producer-report.mjs'
import { judge, targetsOf, timesFloor } from './report.mjs'
import { COLUMNS, COLUMN_TITLES, LINES } from './targets.mjs'

/** @typedef {import('./row.mjs').RowResult} RowResult */

const ROOT = new URL('../', import.meta.url)
const MARKS = { pass: '✓', near: '≈', miss: '✗' }

/** @type {any[]} */
const results = fs
  .readdirSync(new URL('bench/results/', ROOT))
  .filter(name => /^\d+\.json$/.test(name))
  .map(name => JSON.parse(fs.readFileSync(new URL(`bench/results/${name}`, ROOT), 'utf8')))
  .toSorted((a, b) => Number.parseInt(a.node.slice(1), 10) - Number.parseInt(b.node.slice(1), 10))

/**
 * The worst and the best row of a cell, and a mark where the worst one has a target.
 * @param {readonly RowResult[]} rows
 * @param {'peer' | 'handwritten' | 'floor'} against
 */
function cell(rows, against) {
  const sorted = rows
    .filter(row => row.ratios[against])
    .toSorted((a, b) => (a.ratios[against]?.median ?? 0) - (b.ratios[against]?.median ?? 0))
  if (sorted.length === 0) return ''
  const verdict = judge(sorted[0].ratios[against], targetsOf(sorted[0])[against])
  const shown = [sorted[0], sorted[sorted.length - 1]].map(({ ratios }) => {
    const ratio = /** @type {import('./measure.mjs').Spread} */ (ratios[against])
    return (against === 'floor' ? timesFloor(ratio) : ratio).median.toFixed(2)
  })
  return [[...new Set(shown)].join(' – '), ...(verdict === null ? [] : [MARKS[verdict]])].join(' ')
}

/**
 * @param {any} result
 * @param {'peer' | 'handwritten' | 'floor'} against
 */
function ratios({ rows }, against) {
  const lines = Object.entries(LINES).map(([line, { title }]) => {
    const shown = rows.filter((/** @type {RowResult} */ row) => row.line === line)
    // Measured after the others, with `--update`.
    const commits = new Set(
      shown.flatMap((/** @type {RowResult} */ { commit }) => commit?.slice(0, 10) ?? [])
    )
    return [
      [title, ...commits].join('; commit '),
      ...COLUMNS.map(column =>
        cell(
          shown.filter((/** @type {RowResult} */ row) => row.column === column),
          against
        )
      )
    ]
  })
  const head = ['', ...COLUMNS.map(column => COLUMN_TITLES[column])]
  return table([head, ...lines.filter(([, ...cells]) => cells.some(text => text !== ''))])
}

/** A result may be older than the floor is. @param {any} result */
function floorOf(result) {
  return result.rows.some((/** @type {RowResult} */ { ratios }) => ratios.floor)
    ? ["How many times the floor's time ours is:", ratios(result, 'floor')]
    : []
}

/** @param {any} result */
function digests({ rows }) {
  const found = rows.filter((/** @type {RowResult} */ row) => row.line === 'md5' && row.ratios.openssl)
  return table([
    ['records', "OpenSSL's time : ours"],
    ...found.map((/** @type {RowResult} */ row) => [row.label, row.ratios.openssl?.median.toFixed(2) ?? ''])
  ])
}

/** @param {any} result */
function coldStart({ coldStart: cold, sizes }) {
  const ratio = cold.peer.cpuMs.median / cold.ours.cpuMs.median
  const binary = sizes.binaries
    .map((/** @type {any} */ { bytes }) => `${Math.round(bytes / 1024)} KB`)
    .join(', ')
  return `\`require\` in a fresh process: ${cold.ours.cpuMs.median.toFixed(1)} ms of CPU time, ${ratio.toFixed(1)} times less than \`aws-kinesis-agg\` (median of ${cold.ours.runs}). The binary: ${binary}.`
}

const SUMMARY = [
  'dropIn',
  'dropInChecksum',
  'buffers',
  'event',
  'aggregateNew',
  'push',
  'aggregate16',
  'plain'
]

/** @param {any} result */
function summary(result) {
  const lines = SUMMARY.map(line => [
    LINES[/** @type {import('./targets.mjs').LineId} */ (line)].title,
    ...COLUMNS.map(column => {
      const rows = result.rows.filter(
        (/** @type {RowResult} */ row) => row.line === line && row.column === column && row.ratios.peer
      )
      const worst = Math.min(...rows.map((/** @type {RowResult} */ row) => row.ratios.peer?.median ?? 0))
      return rows.length === 0 ? '' : `${worst.toFixed(1)} ×`
    })
  ])
  return [
    table([['', ...COLUMNS.map(column => COLUMN_TITLES[column])], ...lines]),
    '',
    `Times faster than \`aws-kinesis-agg\` 4.2.8, the worst shape of each size of record; ${machine(result)}.`
  ].join('\n')
}

const sections = results.map(result =>
  [
    `### ${machine(result)}`,
    'Against `aws-kinesis-agg` 4.2.8:',
    ratios(result, 'peer'),
    'Against the hand-written JavaScript:',
    ratios(result, 'handwritten'),
    ...floorOf(result),
    "Verifying records that are nearly all digest, against OpenSSL's MD5 of one stream:",
    digests(result),
    coldStart(result)
  ].join('\n\n')
)
write('docs/performance.md', 'figures', sections.join('\n\n'))
const producerSections = results.flatMap(result => {
  const rows = result.rows.filter((/** @type {RowResult} */ { line }) => isProducer(line))
  if (!rows.some((/** @type {RowResult} */ { ratios }) => ratios.push)) return []
  // Measured after the others, with `--update`.
  const { commit = result.commit, date = result.date } = rows[0]
  return [`### ${machine({ ...result, commit, date })}`, table(producerTable(rows)), writeMean(rows)].join(
    '\n\n'
  )
})
if (producerSections.length > 0) write('docs/performance.md', 'producer', producerSections.join('\n\n'))
const handler = recorded('handler')
if (handler !== undefined) write('docs/performance.md', 'handler', handlerTable(handler))
const languages = recorded('languages')
if (languages !== undefined) write('docs/performance.md', 'languages', languagesTable(languages))
write('README.md', 'figures', summary(results[results.length - 1]))
