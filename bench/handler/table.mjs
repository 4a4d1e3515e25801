/** The table of a whole function in docs/performance.md. */
import { machine, table } from '../page.mjs'

/** @param {any} result */
export function handlerTable(result) {
  const { bytes, userRecords, rows, loadAverage, runs } = result
  const head = ['', '`require`', 'first event', 'warm event', 'of which deaggregation']
  const lines = rows.map((/** @type {any} */ { name, bundled, ms }) => [
    bundled ? `${name}, bundled` : name,
    ...[ms.require, ms.first, ms.warm].map(String),
    `${ms.deaggregation} (${Math.round((100 * ms.deaggregation) / ms.warm)} %)`
  ])
  return [
    table([head, ...lines]),
    '',
    `Milliseconds of CPU time, medians of ${runs} processes: an event of ${(bytes / 1024 / 1024).toFixed(1)} MiB with ` +
      `${userRecords.toLocaleString('en-US')} user records. ${machine(result)}; load average ${loadAverage.toFixed(1)}.`
  ].join('\n')
}
