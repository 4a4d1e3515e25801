/**
 * Draws `docs/performance.svg` from a result of the benchmark.
 *
 *     node bench/chart.mjs [bench/results/24.json] [--out docs/performance.svg] [--theme light|dark]
 *
 * Without a file it takes the newest Node's result. The picture has a ground of its own and follows the reader's colour
 * scheme, so it can be read on any page; `--theme` fixes one scheme, for viewers that know no media queries.
 */
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { recorded } from './page.mjs'
import { COLUMNS, COLUMN_TITLES } from './targets.mjs'

/** @typedef {import('./row.mjs').RowResult} RowResult */

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string' }, theme: { type: 'string' } }
})

/** The result of the newest Node that there is one of. */
function newestResult() {
  const folder = fileURLToPath(new URL('results/', import.meta.url))
  const majors = (fs.existsSync(folder) ? fs.readdirSync(folder) : [])
    .map(name => Number(/^(\d+)\.json$/.exec(name)?.[1] ?? 0))
    .toSorted((a, b) => b - a)
  if (!majors[0]) throw new Error('no result yet: run `node bench/bench.mjs` first')
  return `${folder}${majors[0]}.json`
}

const result = JSON.parse(fs.readFileSync(positionals[0] ?? newestResult(), 'utf8'))

const THEMES = {
  light: {
    ground: '#ffffff',
    edge: '#d1d9e0',
    text: '#1f2328',
    faint: '#59636e',
    grid: '#e6eaef',
    ours: '#0a7d5a',
    hand: '#b3bcc6',
    one: '#cf222e'
  },
  dark: {
    ground: '#0d1117',
    edge: '#3d444d',
    text: '#f0f6fc',
    faint: '#9198a1',
    grid: '#21272f',
    ours: '#2fbf8f',
    hand: '#56606c',
    one: '#ff7b72'
  }
}

/** @typedef {keyof typeof THEMES} Theme */

/** @param {Theme} theme */
function variables(theme) {
  return Object.entries(THEMES[theme])
    .map(([name, colour]) => `.${name}{fill:${colour}}.${name}-line{stroke:${colour}}`)
    .join('')
}

const style =
  options.theme === undefined
    ? `${variables('light')}@media(prefers-color-scheme:dark){${variables('dark')}}`
    : variables(/** @type {Theme} */ (options.theme))

/** @param {readonly number[]} values */
function geometricMean(values) {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

const rows = /** @type {RowResult[]} */ (result.rows).filter(({ ratios }) => ratios.peer)

/** @typedef {{ name: string, ours: number, hand: number | null } | null} Bars what stands above a name; null: nothing */

/**
 * Ratios to the peer of a line of rows, for each size the mean over its shapes.
 * @param {string} line
 * @returns {Bars[]}
 */
function cellsOf(line) {
  return COLUMNS.map(column => {
    const shown = rows.filter(row => row.line === line && row.column === column)
    return shown.length === 0
      ? null
      : {
          name: COLUMN_TITLES[column],
          ours: geometricMean(shown.map(row => row.ratios.peer?.median ?? 1)),
          hand: geometricMean(shown.map(row => row.peerToHandwritten?.median ?? 1))
        }
  })
}

/** How many times our CPU time the KPL takes, at its three rates. @returns {Bars[]} */
function producerCells() {
  return recorded('producer-kpl')
    .rows.slice(0, 3)
    .map((/** @type {any} */ { perSecond, kpl, ours }) => ({
      name: perSecond === 0 ? 'as fast as it can' : `${perSecond.toLocaleString('en-US')}/s`,
      ours: kpl.cpuSeconds / ours.cpuSeconds,
      hand: null
    }))
}

/** What users run. Plain records, and a handler that was written for the peer, are the first two of a drop-in. */
const panels = [
  { title: 'Lambda event of 100 aggregated records, verified', cells: cellsOf('event') },
  { title: 'Handler for aws-kinesis-agg, not verified', cells: cellsOf('dropIn') },
  { title: 'Handler for aws-kinesis-agg, plain records', cells: cellsOf('plain'), cut: true },
  { title: 'Producer, 200 B: CPU time of the KPL (= 1) : ours', cells: producerCells() }
].filter(({ cells }) => cells.some(bars => bars !== null))
if (panels.length === 0) throw new Error('the result has no row of ours')

/** Here everybody waits for one stream of MD5: charts would show bars of one height. */
const MD5_BOUND = new Set([
  'dropInChecksum',
  'buffersChecksum',
  'aggregateRecords',
  'aggregateRepeat',
  'aggregateNew',
  'push'
])

function md5Sentence() {
  const bound = rows.filter(({ line, column }) => MD5_BOUND.has(line) && column !== '100B')
  const ratios = bound.map(row => row.ratios.peer?.median ?? 1)
  if (ratios.length === 0) return ''
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map(label)
  return `One record verified or written at a time waits for one stream of MD5, whoever does it: from 300 B on ${least} to ${most} times faster.`
}

const WIDTH = 880
const MARGIN = 28
const GAP = 36
const PER_ROW = 2
const PANEL_WIDTH = (WIDTH - 2 * MARGIN - GAP) / PER_ROW
const PLOT_HEIGHT = 104
const PANEL_HEIGHT = PLOT_HEIGHT + 66
const TOP = 98
const BAR = 30
const HEIGHT = TOP + Math.ceil(panels.length / PER_ROW) * PANEL_HEIGHT + 67

/** The plain records' bars would make all others flat: they do not count for the scale, and are cut, and say so. */
const most = Math.max(
  ...panels
    .filter(({ cut }) => cut !== true)
    .flatMap(({ cells }) => cells.flatMap(bars => (bars ? [bars.ours, bars.hand ?? 0] : [])))
)
const top = Math.max(2, Math.ceil(most))
const step = top > 8 ? 4 : top > 5 ? 2 : 1

/** @param {number} value */
const number = value => Number(value.toFixed(1)).toString()
/** @param {number} ratio */
function label(ratio) {
  return ratio < 9.95 ? ratio.toFixed(1) : ratio.toFixed(0)
}
/** @param {string} text */
const escape = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/**
 * @param {number} x
 * @param {number} base
 * @param {number} ratio
 * @param {'ours' | 'hand'} who
 */
function bar(x, base, ratio, who) {
  const height = (Math.min(ratio, top) / top) * PLOT_HEIGHT
  const y = base - height
  const radius = Math.min(3, height)
  const path =
    `M${number(x)} ${number(base)}V${number(y + radius)}q0 -${number(radius)} ${number(radius)} -${number(radius)}` +
    `h${number(BAR - 2 * radius)}q${number(radius)} 0 ${number(radius)} ${number(radius)}V${number(base)}z`
  const cut =
    ratio > top
      ? `<path class="ground-line" stroke-width="3" fill="none" d="M${number(x - 2)} ${number(y + 16)}l${BAR + 4} -7"/>`
      : ''
  const text = `<text class="${who === 'ours' ? 'text bold' : 'faint'} ground-line value" x="${number(x + BAR / 2)}" y="${number(y - 4)}">${label(ratio)}×</text>`
  return `<path class="${who}" d="${path}"/>${cut}${text}`
}

/**
 * @param {typeof panels[number]} panel
 * @param {number} i
 */
function drawPanel({ title, cells }, i) {
  const left = MARGIN + (i % PER_ROW) * (PANEL_WIDTH + GAP)
  const y = TOP + Math.floor(i / PER_ROW) * PANEL_HEIGHT
  const base = y + 30 + PLOT_HEIGHT
  const plotLeft = left + 22
  const plotWidth = PANEL_WIDTH - 22
  const out = [`<text class="text bold" x="${number(left)}" y="${number(y + 8)}">${escape(title)}</text>`]
  for (let tick = 0; tick <= top; tick += step) {
    const at = base - (tick / top) * PLOT_HEIGHT
    out.push(
      `<path class="grid-line" d="M${number(plotLeft)} ${number(at)}h${number(plotWidth)}"/>`,
      `<text class="faint tick" x="${number(plotLeft - 6)}" y="${number(at + 3.5)}">${tick}</text>`
    )
  }
  const one = base - PLOT_HEIGHT / top
  out.push(
    `<path class="one-line" stroke-dasharray="4 3" d="M${number(plotLeft)} ${number(one)}h${number(plotWidth)}"/>`
  )
  const slot = plotWidth / cells.length
  cells.forEach((bars, column) => {
    if (bars === null) return
    const middle = plotLeft + slot * (column + 0.5)
    out.push(`<text class="faint size" x="${number(middle)}" y="${number(base + 16)}">${bars.name}</text>`)
    out.push(bar(bars.hand === null ? middle - BAR / 2 : middle - BAR - 2, base, bars.ours, 'ours'))
    if (bars.hand !== null) out.push(bar(middle + 2, base, bars.hand, 'hand'))
  })
  return out.join('\n')
}

const legendY = 72
const summary = `How many times faster than ${result.peer}: kinesis-agg and hand-written JavaScript, for events, plain handlers and, against the KPL, the producer.`
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escape(summary)}">
<title>${escape(summary)}</title>
<style>
text{font:12px -apple-system,BlinkMacSystemFont,"Segoe UI","Noto Sans","DejaVu Sans",Helvetica,Arial,sans-serif}
.bold{font-weight:600}.title{font-size:19px}.value{text-anchor:middle;font-size:11px;paint-order:stroke;stroke-width:3px;stroke-linejoin:round}.tick{text-anchor:end;font-size:10px}
.size{text-anchor:middle;font-size:11px}.note{font-size:11px}.one-line{fill:none;stroke-width:1.2}.grid-line{fill:none}
${style}
</style>
<rect class="ground edge-line" x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="8"/>
<text class="text bold title" x="${MARGIN}" y="38">Times faster than ${escape(result.peer)}</text>
<rect class="ours" x="${MARGIN}" y="${legendY - 10}" width="12" height="12" rx="2"/>
<text class="text" x="${MARGIN + 18}" y="${legendY}">kinesis-agg</text>
<rect class="hand" x="${MARGIN + 108}" y="${legendY - 10}" width="12" height="12" rx="2"/>
<text class="text" x="${MARGIN + 126}" y="${legendY}">hand-written JavaScript (bench/handwritten.mjs)</text>
<path class="one-line" stroke-dasharray="4 3" d="M${MARGIN + 446} ${legendY - 4}h22"/>
<text class="text" x="${MARGIN + 475}" y="${legendY}">aws-kinesis-agg = 1</text>
${panels.map(drawPanel).join('\n')}
<text class="faint note" x="${MARGIN}" y="${HEIGHT - 51}">Below the bars: data of one user record, or records a second. Ratios of CPU time, medians of paired rounds; geometric mean over the shapes of a size.</text>
<text class="faint note" x="${MARGIN}" y="${HEIGHT - 34}">${md5Sentence()}</text>
<text class="faint note" x="${MARGIN}" y="${HEIGHT - 17}">${escape(`${result.cpu}, Node ${result.node}, ${result.date.slice(0, 10)}.`)}</text>
</svg>
`

const file = options.out ?? fileURLToPath(new URL('../docs/performance.svg', import.meta.url))
fs.writeFileSync(file, svg)
console.log(`${panels.length} panels drawn`)
