/** Prints the rows of the producer and judges them: how many times the time of others the producer takes. */
import { WRITE_MEAN_TARGET, producerTargets } from './targets.mjs'

/**
 * @typedef {import('./row.mjs').RowResult} RowResult
 * @typedef {import('./measure.mjs').Spread} Spread
 * @typedef {import('./report.mjs').Verdict} Verdict
 */

export const PRODUCER_TITLES = {
  write: 'KinesisProducer.write until all is settled, a client that answers at once: times that of others',
  put: 'KinesisProducer.put until all is settled, a client that answers at once: times that of others'
}

/** @param {string} line @returns {line is keyof typeof PRODUCER_TITLES} */
export const isProducer = line => line in PRODUCER_TITLES

const MARKS = { pass: '✓', near: '≈', miss: '✗' }
const AGAINST = /** @type {const} */ (['push', 'promise', 'bare'])

/**
 * Ratios are kept as the other's time to ours; here it is ours to the other's.
 * @param {Spread} ratio
 */
function turned({ median, q1, q3 }) {
  return { median: 1 / median, q1: 1 / q3, q3: 1 / q1 }
}

/** @param {RowResult} result @param {'push' | 'promise' | 'bare'} against */
function targetOf({ id, line }, against) {
  const [, size, shards] = /** @type {RegExpExecArray} */ (/\/(\w+)-(\d+)-/.exec(id))
  const targets = producerTargets(/** @type {'write' | 'put'} */ (line), {
    size: size === '100B' ? 100 : 1024,
    shards: Number(shards)
  })
  return against === 'bare' ? null : targets[against]
}

/** @param {RowResult} result @param {'push' | 'promise' | 'bare'} against @returns {Verdict} */
function judge(result, against) {
  const ratio = result.ratios[against]
  const target = targetOf(result, against)
  if (ratio === undefined || target === null) return null
  const { median, q1 } = turned(ratio)
  if (median <= target) return 'pass'
  return q1 <= target ? 'near' : 'miss'
}

/** @param {RowResult} result @returns {Verdict[]} */
export function producerVerdicts(result) {
  return AGAINST.map(against => judge(result, against))
}

/**
 * @param {RowResult} result
 * @param {'push' | 'promise' | 'bare'} against
 * @param {boolean} [spread] whether to show the quartiles
 */
function cell(result, against, spread = false) {
  const ratio = result.ratios[against]
  if (ratio === undefined) return ''
  const { median, q1, q3 } = turned(ratio)
  const target = targetOf(result, against)
  const verdict = judge(result, against)
  const quartiles = spread ? ` [${q1.toFixed(2)}–${q3.toFixed(2)}]` : ''
  return `${median.toFixed(2)}${quartiles}${verdict === null ? '' : ` / ${target} ${MARKS[verdict]}`}`
}

/** @param {RowResult} result @param {import('./contenders.mjs').Who} who */
function time({ times }, who) {
  return `${times[who]?.cpuNs.median.toFixed(0) ?? ''} ns`
}

/** @param {RowResult} result */
export function formatProducerRow(result) {
  const others = AGAINST.filter(against => result.times[against]).map(
    against => `${against} ${time(result, against)}, ${cell(result, against, true)}`
  )
  return [`  ${result.label}`.padEnd(38), time(result, 'ours').padStart(9), ...others].join('  ')
}

/**
 * The geometric mean that is promised, of the rows of `write` with 100 bytes and up to 64 shards.
 * @param {readonly RowResult[]} results
 */
export function writeMean(results) {
  const ratios = results.flatMap(({ id, ratios: { push } }) =>
    push && /^write\/100B-(1|4|64)-/.test(id) ? [1 / push.median] : []
  )
  if (ratios.length === 0) return null
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
  const mark = mean <= WRITE_MEAN_TARGET ? MARKS.pass : MARKS.miss
  return `Geometric mean of \`write\`, 100 B, up to 64 shards, against push: ${mean.toFixed(2)} / ${WRITE_MEAN_TARGET} ${mark}`
}

/**
 * For the pages.
 * @param {readonly RowResult[]} results
 * @returns {string[][]} cells, the head first
 */
export function producerTable(results) {
  return [
    ['', '`ShardedAggregator.push`', 'the same and a promise a record', '`PutRecords`, not aggregated'],
    ...results
      .filter(({ line, ratios }) => isProducer(line) && ratios.push)
      .map(row => [`\`${row.line}\`, ${row.label}`, ...AGAINST.map(against => cell(row, against))])
  ]
}
