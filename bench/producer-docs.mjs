/**
 * Writes what was measured of the producer into docs/producer.md, between markers, and draws docs/producer.svg.
 * `node bench/producer-docs.mjs`
 */
import fs from 'node:fs'

const ROOT = new URL('../', import.meta.url)

/** @param {string} name @returns {any} */
const resultOf = name => JSON.parse(fs.readFileSync(new URL(`bench/results/${name}.json`, ROOT), 'utf8'))

const kpl = resultOf('producer-kpl')
/** Shown as ratios alone. */
const earlier = resultOf('producer-kpl-earlier')
const chaos = resultOf('chaos')

/** @param {any} row */
const rateOf = ({ perSecond }) => (perSecond === 0 ? 'as fast as it can' : `${thousands(perSecond)}/s`)

/** @param {number} number */
const thousands = number => number.toLocaleString('en-US')

/** @param {any} row */
const caseOf = row => `${rateOf(row)}, ${row.size} B, ${row.shards} shards, ${row.delayMs} ms`

/** @param {readonly (readonly unknown[])[]} rows */
function table(rows) {
  const [head, ...body] = rows
  return [head, head.map((_, i) => (i < 2 ? '---' : '---:')), ...body]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n')
}

/** @param {any} result */
function loadOf({ rows }) {
  const loads = rows.map((/** @type {any} */ { loadAverage }) => loadAverage)
  return `${Math.min(...loads)} to ${Math.max(...loads)}`
}

function comparison() {
  const head = [
    'records a second, size, shards, round trip',
    '',
    'records/s',
    'p50 ms',
    'p99 ms',
    'requests',
    'Kinesis records',
    'PUT units',
    'CPU s',
    'peak MiB',
    'inversions',
    'failed',
    'lost',
    'repeated'
  ]
  const rows = kpl.rows.flatMap((/** @type {any} */ row) =>
    ['kpl', 'ours'].map(who => [
      who === 'kpl' ? caseOf(row) : '',
      who === 'kpl' ? `KPL ${kpl.kpl}` : 'kinesis-agg',
      ...[
        'perSecond',
        'p50',
        'p99',
        'requests',
        'kinesisRecords',
        'units',
        'cpuSeconds',
        'peakMiB',
        'inversions',
        'failed',
        'lost',
        'repeated'
      ].map(figure => thousands(row[who][figure]))
    ])
  )
  return [
    table([head, ...rows]),
    '',
    'The same as ratios, with what was aimed at:',
    '',
    ratios(kpl),
    '',
    `An earlier run beside other work, at a load average of ${loadOf(earlier)}:`,
    '',
    ratios(earlier),
    '',
    `${kpl.date.slice(0, 10)}, Node.js ${kpl.node}, ${kpl.cpu}, ${kpl.cores} cores; load average before each row ${loadOf(kpl)}, that of the row before included. One run of each, in turn; ${kpl.seconds} s at a rate, 300,000 records as fast as it can. CPU and memory are those of all processes: JVM and daemon of the KPL.`
  ].join('\n')
}

/** Our figure in parts of the KPL's, and what was aimed at. */
const AIMS = [
  { figure: 'units', title: 'PUT units', most: 1.02 },
  { figure: 'requests', title: 'requests', most: 1.1 },
  { figure: 'p99', title: 'p99', most: 0.5 },
  { figure: 'cpuSeconds', title: 'CPU', most: 1 / 3 },
  { figure: 'peakMiB', title: 'memory', most: 0.5 }
]
const LEAST_TOP_RATE = 7

/** @param {any} result */
function ratios(result) {
  const head = [
    'ours ÷ KPL',
    ...AIMS.map(({ title, most }) => `${title}, at most ${most.toFixed(2)}`),
    `records/s, flat out at least ${LEAST_TOP_RATE}`
  ]
  const rows = result.rows.map((/** @type {any} */ row) => {
    const cells = AIMS.map(({ figure, most }) => {
      const ratio = row.ours[figure] / row.kpl[figure]
      return `${ratio.toFixed(2)} ${ratio <= most ? '✓' : '✗'}`
    })
    const rate = row.ours.perSecond / row.kpl.perSecond
    const mark = row.perSecond > 0 ? '' : rate >= LEAST_TOP_RATE ? ' ✓' : ' ✗'
    return [caseOf(row), ...cells, `${rate.toFixed(2)}${mark}`]
  })
  return table([head, ...rows])
}

function faults() {
  const { first, last } = chaos.seeds
  return [
    table([
      [
        'command',
        'time',
        'rounds',
        'records',
        'stored',
        'rejected',
        'repeated',
        'requests',
        'rounds that broke a promise',
        'growth of the heap'
      ],
      [
        `\`npm run chaos -- --seed ${first} --minutes ${chaos.minutes}\``,
        `${chaos.minutes} minutes`,
        chaos.rounds,
        ...[chaos.accepted, chaos.fulfilled, chaos.rejected, chaos.repeated, chaos.requests].map(thousands),
        chaos.broken.length === 0 ? 0 : `${chaos.broken.length}: ${chaos.broken.join(', ')}`,
        `${(chaos.growth.heapBytes / 2 ** 20).toFixed(1)} MiB`
      ]
    ]),
    '',
    `${chaos.date.slice(0, 10)}, Node.js ${chaos.node}; seeds ${first} to ${last}, one for each round. Growth is counted from the first round that ended after two minutes.`
  ].join('\n')
}

/** Bars of the KPL and ours, for each case with a rate. */
function chart() {
  const panels = [
    { figure: 'p99', title: 'p99 from put to answer, ms' },
    { figure: 'cpuSeconds', title: `CPU seconds in ${kpl.seconds} s` },
    { figure: 'peakMiB', title: 'peak memory, MiB' }
  ]
  const rows = kpl.rows.filter((/** @type {any} */ { perSecond }) => perSecond > 0)
  const [width, label, bar, gap] = [760, 250, 12, 10]
  let y = 20
  const parts = []
  for (const { figure, title } of panels) {
    const most = Math.max(...rows.flatMap((/** @type {any} */ { kpl: a, ours: b }) => [a[figure], b[figure]]))
    parts.push(`<text class="title" x="12" y="${y + 4}">${title}</text>`)
    y += 16
    for (const row of rows) {
      parts.push(`<text x="12" y="${y + bar + 3}">${caseOf(row)}</text>`)
      for (const who of ['kpl', 'ours']) {
        const length = (row[who][figure] / most) * (width - label - 70)
        parts.push(
          `<rect class="${who}" x="${label}" y="${y}" width="${length.toFixed(1)}" height="${bar}"/>`,
          `<text x="${(label + length + 5).toFixed(1)}" y="${y + bar - 2}">${row[who][figure]}</text>`
        )
        y += bar + 1
      }
      y += gap
    }
    y += 14
  }
  const style = `text{font:11px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600}.ground{fill:#fff}.kpl{fill:#b3bcc6}.ours{fill:#0a7d5a}@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.ground{fill:#0d1117}.kpl{fill:#56606c}.ours{fill:#2fbf8f}}`
  const legend = `<rect class="kpl" x="${width - 190}" y="12" width="12" height="12"/><text x="${width - 172}" y="22">KPL ${kpl.kpl}</text><rect class="ours" x="${width - 100}" y="12" width="12" height="12"/><text x="${width - 82}" y="22">kinesis-agg</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" role="img" aria-label="The KPL and kinesis-agg: latency, CPU time and memory"><style>${style}</style><rect class="ground" width="${width}" height="${y}"/>${legend}${parts.join('')}</svg>\n`
}

/** @param {string} name @param {string} text */
function write(name, text) {
  const file = new URL('docs/producer.md', ROOT)
  const [begin, end] = [`<!-- begin ${name}: written by bench/producer-docs.mjs -->`, `<!-- end ${name} -->`]
  const before = fs.readFileSync(file, 'utf8')
  const [from, to] = [before.indexOf(begin), before.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/producer.md has no place for ${name}`)
  fs.writeFileSync(file, `${before.slice(0, from + begin.length)}\n\n${text}\n\n${before.slice(to)}`)
}

write('kpl', comparison())
write('chaos', faults())
fs.writeFileSync(new URL('docs/producer.svg', ROOT), chart())
