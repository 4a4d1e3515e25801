// Results, and the table that docs/interop.md shows of them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'

const PAGE = fileURLToPath(new URL('../../docs/interop.md', import.meta.url))
const BEGIN = '<!-- table: written by interop/run.mjs -->'
const END = '<!-- end of table -->'

const resultFile = name => new URL(`../results/${name}.json`, import.meta.url)

export function writeResult(name, result) {
  const date = new Date().toISOString().slice(0, 10)
  writeFileSync(resultFile(name), `${JSON.stringify({ date, ...result }, null, 2)}\n`)
}

/** The recorded results of `names`, as far as there are any. */
export const readResults = names =>
  names
    .map(resultFile)
    .filter(file => existsSync(file))
    .map(file => JSON.parse(readFileSync(file, 'utf8')))

export async function writePage(results) {
  writeFileSync(PAGE, await pageWith(results))
}

export async function checkPage(results) {
  if (readFileSync(PAGE, 'utf8') !== (await pageWith(results))) {
    throw new Error('the table is not of the recorded results; run without --quick')
  }
}

async function pageWith(results) {
  const page = readFileSync(PAGE, 'utf8')
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`docs/interop.md lacks ${BEGIN} or ${END}`)
  const text = `${page.slice(0, begin)}${BEGIN}\n\n${tableOf(results)}\n${page.slice(end)}`
  return format(text, { ...(await resolveConfig(PAGE)), filepath: PAGE })
}

/** The peers, then one line per direction, then the reasons of the differences by number. */
function tableOf(results) {
  const reasons = []
  const number = reason => {
    if (!reasons.includes(reason)) reasons.push(reason)
    return reasons.indexOf(reason) + 1
  }
  const peers = results.map(
    ({ peer, package: name, version, date }) => `| ${peer} | ${name} | ${version} | ${date} |`
  )
  const lines = results.flatMap(({ peer, checks }) =>
    checks.map(check => {
      const differing = Object.entries(check.differences)
        .map(([reason, cases]) => `${thousands(cases)} (${number(reason)})`)
        .join(', ')
      const cells = [peer, check.direction, thousands(check.cases), thousands(check.records)]
      return `| ${[...cells, differing || '0', remark(check)].join(' | ')} |`
    })
  )
  return [
    '| Peer | Package | Version | Run on |',
    '| --- | --- | --- | --- |',
    ...peers,
    '',
    '| Peer | What it does | Cases | User records | Cases that differ (why) | |',
    '| --- | --- | ---: | ---: | --- | --- |',
    ...lines,
    '',
    '### Differences',
    '',
    ...reasons.map((reason, i) => `${i + 1}. ${reason[0].toUpperCase()}${reason.slice(1)}.`),
    ''
  ].join('\n')
}

function remark({ sameBytes, lost, repeated, aggregates }) {
  return [
    aggregates !== undefined && `${thousands(aggregates)} aggregates`,
    sameBytes !== undefined && `${thousands(sameBytes)} byte for byte as ours`,
    lost !== undefined && `${thousands(lost)} user records lost`,
    repeated !== undefined && `${thousands(repeated)} repeated`
  ]
    .filter(Boolean)
    .join(', ')
}

const thousands = number => number.toLocaleString('en-US')
