/** What the scripts need that write figures into pages. */
import fs from 'node:fs'

const ROOT = new URL('../', import.meta.url)

/** @param {readonly (readonly string[])[]} rows the first is the head */
export function table(rows) {
  const [head, ...body] = rows
  const lines = [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...body]
  return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/**
 * A result in `bench/results/`, if it was recorded.
 * @param {string} name
 * @returns {any}
 */
export function recorded(name) {
  const file = new URL(`bench/results/${name}.json`, ROOT)
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined
}

/** @param {any} result */
export function machine({ node, cpu, cores, date, commit }) {
  return `Node.js ${node}, ${cpu}, ${cores} shared cores, ${date.slice(0, 10)}, commit ${String(commit).slice(0, 10)}`
}

/**
 * @param {string} page
 * @param {string} name of the markers between which the text goes
 * @param {string} text
 */
export function write(page, name, text) {
  const file = new URL(page, ROOT)
  const [begin, end] = [`<!-- begin ${name}: written by bench/docs.mjs -->`, `<!-- end ${name} -->`]
  const before = fs.readFileSync(file, 'utf8')
  const [from, to] = [before.indexOf(begin), before.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${page} has no place for ${name}`)
  fs.writeFileSync(file, `${before.slice(0, from + begin.length)}\n\n${text}\n\n${before.slice(to)}`)
}
