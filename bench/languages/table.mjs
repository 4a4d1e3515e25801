/** The table of other languages in docs/performance.md. */
import { machine, table } from '../page.mjs'

/** @param {any} result */
export function languagesTable(result) {
  const { programs } = result
  const corpora = Object.keys(programs[0].nanoseconds)
  const faults = Object.keys(programs[0].broken)
  const rows = programs.map((/** @type {any} */ { name, version, takes, nanoseconds, broken }) => [
    version === 'this one' ? name : `${name} ${version}`,
    takes,
    ...corpora.map(what => {
      const { median } = nanoseconds[what]
      const times = median / programs[0].nanoseconds[what].median
      return `${median.toLocaleString('en-US')} (${times.toFixed(1)})`
    }),
    ...faults.map(what => broken[what])
  ])
  return [
    table([['', 'takes', ...corpora, ...faults], ...rows]),
    '',
    'Nanoseconds of CPU time of one user record, and in brackets how many times ours that is; the last columns say what becomes of a damaged ' +
      'record (handed on whole: the aggregate itself comes out, as one record). ' +
      `${machine(result)}; load average ${result.loadAverage.toFixed(1)}.`
  ].join('\n')
}
