/**
 * Every bundler, format and handler, on each Node.js: `npm run test:bundlers -- [part of a bundler's name]`. Prints a
 * table for docs/deploy.md.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeOf } from '../bench/nodes.mjs'
import { stage } from '../scripts/stage.mjs'
import { BUNDLERS } from './support/bundle.mjs'
import { bundle, projectOf, run, runWithBinary, runWithLayer } from './support/bundles.mjs'

const HANDLERS = [
  'import.mjs',
  'own-name.mjs',
  'require.cjs',
  'default-import.mjs',
  'subpaths.mjs',
  'mixed.mjs'
]
const MAJORS = ['20', '22', '24']

const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-matrix-'))
const packages = join(folder, 'packages')
stage(packages)
const project = projectOf(packages)
const nodes = MAJORS.map(nodeOf)
const wanted = process.argv[2] ?? ''
let passed = 0
const failures = []

function attempt(what, test) {
  try {
    test()
    passed++
  } catch (error) {
    failures.push(`${what}: ${error.message.split('\n').slice(0, 6).join('\n  ')}`)
  }
}

const KB = bytes => `${Math.round(bytes / 1024)} KB`
console.log('| Bundler | bundle | with gzip |\n| --- | --- | --- |')
for (const name of Object.keys(BUNDLERS).filter(one => one.includes(wanted))) {
  for (const handler of HANDLERS) {
    let made
    attempt(`${name}, ${handler}`, () => {
      made = bundle(project, name, handler)
      if (made.said !== '') throw new Error(`says ${made.said}`)
    })
    if (made === undefined) continue
    if (handler === HANDLERS[0]) console.log(`| ${name} | ${KB(made.bytes)} | ${KB(made.gzip)} |`)
    for (const [i, node] of nodes.entries()) {
      const what = `${name}, ${handler}, Node.js ${MAJORS[i]}`
      attempt(what, () => run(made, node, 'wasm'))
      attempt(`${what}, binary beside`, () => runWithBinary(made, packages, node))
      attempt(`${what}, NODE_PATH`, () => runWithLayer(made, packages, node))
    }
    rmSync(made.folder, { recursive: true })
  }
}
rmSync(folder, { recursive: true })
rmSync(project, { recursive: true })
console.log(`\n${passed} passed, ${failures.length} failed`)
for (const failure of failures) console.log(failure)
if (failures.length > 0) process.exitCode = 1
