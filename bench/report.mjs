/** Judges rows by their targets and prints them. */
import { PRODUCER_TITLES, formatProducerRow, isProducer, producerVerdicts } from './producer-report.mjs'
import { COLD_START_TARGET_MS, COLUMNS, COLUMN_TITLES, LINES } from './targets.mjs'
import { ROWS } from './rows.mjs'

/**
 * @typedef {import('./row.mjs').RowResult} RowResult
 * @typedef {import('./measure.mjs').Spread} Spread
 * @typedef {'pass' | 'near' | 'miss' | null} Verdict `near`: the target lies between the quartiles
 */

const MARKS = { pass: '✓', near: '~', miss: '✗' }

/**
 * @param {Spread | undefined} ratio
 * @param {number | null | undefined} target
 * @returns {Verdict}
 */
export function judge(ratio, target) {
  if (ratio === undefined || target === null || target === undefined) return null
  if (ratio.median >= target) return 'pass'
  return ratio.q3 >= target ? 'near' : 'miss'
}

/**
 * The ratios that a row has to reach. That to the floor is 1 by the times that ours may take.
 * @param {RowResult} result
 * @returns {Record<'peer' | 'handwritten' | 'floor' | 'openssl', number | null>}
 */
export function targetsOf({ id, line, column }) {
  if (line === 'md5') {
    const target = ROWS.find(row => row.id === id)?.md5Target ?? null
    return { peer: null, handwritten: null, floor: null, openssl: target }
  }
  const { peer, handwritten, floor } = LINES[/** @type {import('./targets.mjs').LineId} */ (line)]
  const times = floor[COLUMNS.indexOf(/** @type {import('./targets.mjs').Column} */ (column))]
  return { peer, handwritten, floor: times && 1 / times, openssl: null }
}

/**
 * How many times the floor's time ours is: the ratio upside down, as the quartiles are.
 * @param {Spread} ratio
 * @returns {Spread}
 */
export function timesFloor({ median, q1, q3, best }) {
  return { median: 1 / median, q1: 1 / q3, q3: 1 / q1, best: 1 / best }
}

/** @param {number | undefined} ns */
function time(ns) {
  if (ns === undefined) return ''
  return ns < 100 ? ns.toFixed(1) : ns < 100_000 ? ns.toFixed(0) : `${(ns / 1000).toFixed(0)}k`
}

/**
 * @param {Spread | undefined} ratio
 * @param {number | null} target
 */
function cell(ratio, target) {
  if (ratio === undefined) return ''
  const quartiles = `[${ratio.q1.toFixed(2)}–${ratio.q3.toFixed(2)}]`
  return `${ratio.median.toFixed(2)} ${quartiles} ${aim(ratio, target)}`
}

/**
 * @param {Spread | undefined} ratio
 * @param {number | null} target
 */
function floorCell(ratio, target) {
  if (ratio === undefined) return ''
  const { median, q1, q3 } = timesFloor(ratio)
  const verdict = judge(ratio, target)
  const aimed = target === null || verdict === null ? '' : `/ ${round(1 / target)} ${MARKS[verdict]}`
  return `${median.toFixed(2)} [${q1.toFixed(2)}–${q3.toFixed(2)}] ${aimed}`
}

/**
 * @param {Spread} ratio
 * @param {number | null} target
 */
function aim(ratio, target) {
  const verdict = judge(ratio, target)
  return verdict === null ? ' '.repeat(8) : `${`/ ${target}`.padEnd(6)} ${MARKS[verdict]}`
}

const HEAD = [
  '',
  'peer',
  'hand-wr.',
  'floor',
  'ours',
  'MD5',
  'peer : ours',
  'best',
  'hand-wr. : ours',
  'ours : floor',
  'MD5 : ours'
]
const WIDTHS = [24, 7, 8, 7, 7, 7, 28, 5, 26, 26, 14]

/** @param {readonly string[]} cells */
function tableLine(cells) {
  return cells
    .map((text, i) => (i === 0 ? text.padEnd(WIDTHS[i]) : text.padStart(WIDTHS[i])))
    .join('  ')
    .trimEnd()
}

export const HEADING = `${tableLine(HEAD)}\n(CPU nanoseconds of one user record; ratios: median of the rounds [quartiles] / target; best: of the best rounds)`

/** @param {string} line */
export function titleOf(line) {
  if (isProducer(line)) return PRODUCER_TITLES[line]
  return line === 'md5'
    ? "verifying digests, against OpenSSL's MD5 of one stream"
    : LINES[/** @type {import('./targets.mjs').LineId} */ (line)].title
}

/** @param {RowResult} result */
export function formatRow(result) {
  if (isProducer(result.line)) return formatProducerRow(result)
  const { times, ratios } = result
  const targets = targetsOf(result)
  return tableLine([
    `  ${result.label}`,
    time(times.peer?.cpuNs.median),
    time(times.handwritten?.cpuNs.median),
    time(times.floor?.cpuNs.median),
    time(times.ours?.cpuNs.median),
    time(times.openssl?.cpuNs.median),
    cell(ratios.peer, targets.peer),
    ratios.peer?.best.toFixed(2) ?? '',
    cell(ratios.handwritten, targets.handwritten),
    floorCell(ratios.floor, targets.floor),
    ratios.openssl ? `${ratios.openssl.median.toFixed(2)} ${aim(ratios.openssl, targets.openssl)}` : ''
  ])
}

/** @param {number} value */
const round = value => Number(value.toFixed(2))

/**
 * The target table again, each cell with the worst of its rows.
 * @param {readonly RowResult[]} results
 * @param {'peer' | 'handwritten' | 'floor'} against
 */
export function summary(results, against) {
  const lines = []
  for (const [line, { title }] of Object.entries(LINES)) {
    const cells = COLUMNS.map(column => {
      const rows = results.filter(row => row.line === line && row.column === column && row.ratios[against])
      if (rows.length === 0) return ''
      const worst = rows.reduce((a, b) =>
        (a.ratios[against]?.median ?? 0) <= (b.ratios[against]?.median ?? 0) ? a : b
      )
      const ratio = /** @type {Spread} */ (worst.ratios[against])
      const target = targetsOf(worst)[against]
      const verdict = judge(ratio, target)
      const [shown, aimed] =
        against === 'floor' ? [1 / ratio.median, target && 1 / target] : [ratio.median, target]
      return `${shown.toFixed(2)}${aimed === null ? '' : ` / ${round(aimed)}`} ${verdict ? MARKS[verdict] : ' '}`
    })
    if (cells.some(text => text !== '')) {
      lines.push(`  ${title.padEnd(52)}${cells.map(text => text.padStart(15)).join('')}`)
    }
  }
  const head = `  ${''.padEnd(52)}${COLUMNS.map(column => COLUMN_TITLES[column].padStart(15)).join('')}`
  return [head, ...lines].join('\n')
}

/**
 * @param {readonly RowResult[]} results
 * @returns {Record<'pass' | 'near' | 'miss', number>}
 */
export function tally(results) {
  const counts = { pass: 0, near: 0, miss: 0 }
  for (const result of results) {
    if (isProducer(result.line)) {
      for (const verdict of producerVerdicts(result)) if (verdict !== null) counts[verdict]++
      continue
    }
    const targets = targetsOf(result)
    for (const who of /** @type {const} */ (['peer', 'handwritten', 'floor', 'openssl'])) {
      const verdict = judge(result.ratios[who], targets[who])
      if (verdict !== null) counts[verdict]++
    }
  }
  return counts
}

/** @param {ReturnType<typeof import('./facts.mjs').coldStart>} cold */
export function formatColdStart(cold) {
  /** @param {'peer' | 'ours'} who */
  const text = who => {
    const { wallMs, cpuMs } = cold[who]
    const quartiles = `[${wallMs.q1.toFixed(1)}–${wallMs.q3.toFixed(1)}]`
    return `${wallMs.median.toFixed(1)} ms ${quartiles}, ${cpuMs.median.toFixed(1)} ms of CPU time`
  }
  const lines = [`  aws-kinesis-agg   ${text('peer')}`]
  if (cold.ours) {
    // By CPU time, as everything here: the wall clock also counts what others do on the machine.
    const mark = cold.ours.cpuMs.median <= COLD_START_TARGET_MS ? MARKS.pass : MARKS.miss
    lines.push(`  kinesis-agg       ${text('ours')} / ${COLD_START_TARGET_MS} ms ${mark}`)
  }
  return lines.join('\n')
}

/** @param {number | null} bytes */
function kb(bytes) {
  return bytes === null ? '(npm not at hand)' : `${Math.round(bytes / 1024).toLocaleString('en')} KB`
}

/** @param {ReturnType<typeof import('./facts.mjs').sizes>} sizes */
export function formatSizes({ binaries, unpackedBytes, peer }) {
  return [
    `  aws-kinesis-agg   ${kb(peer.unpackedBytes)} unpacked, ${peer.packages} packages`,
    `  kinesis-agg       ${kb(unpackedBytes)} unpacked, without the platform's package`,
    ...binaries.map(({ name, bytes }) => `  ${name}   ${kb(bytes)}`)
  ].join('\n')
}
