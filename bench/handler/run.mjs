/**
 * A whole function: an event of 6 MB, its JSON objects, an answer; with this package and with `aws-kinesis-agg`, native and
 * as WebAssembly, bundled and not.
 *
 *     node bench/handler/run.mjs            writes bench/results/handler.json; about 2 minutes
 *     node bench/handler/run.mjs --quick    one process each; writes nothing unless --json says where
 *
 * Each run is a process of its own, and all cases take turns.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { ROOT } from '../contenders.mjs'
import { environment } from '../facts.mjs'
import { spread } from '../measure.mjs'
import { lambdaEvent } from './event.mjs'

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } })
const { runs, iterations } = options.quick ? { runs: 1, iterations: 2 } : { runs: 5, iterations: 10 }

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kinesis-agg-handler-'))
const { text, answer } = lambdaEvent()
const eventFile = path.join(folder, 'event.json')
fs.writeFileSync(eventFile, text)

/** @param {string} name @param {string} place */
async function bundle(name, place) {
  const outfile = path.join(folder, place, 'index.cjs')
  const entry = fileURLToPath(new URL(`${name}.cjs`, import.meta.url))
  await build({ entryPoints: [entry], bundle: true, platform: 'node', outfile, logLevel: 'warning' })
  return outfile
}

const files = {
  ours: fileURLToPath(new URL('ours.cjs', import.meta.url)),
  peer: fileURLToPath(new URL('peer.cjs', import.meta.url)),
  bundledPeer: await bundle('peer', 'peer'),
  bundled: await bundle('ours', 'wasm'),
  bundledNative: await bundle('ours', 'native')
}
// A bundle finds the binary beside it, and there only.
for (const name of fs.readdirSync(path.join(ROOT, 'dist')).filter(file => file.endsWith('.node'))) {
  fs.copyFileSync(path.join(ROOT, 'dist', name), path.join(folder, 'native', name))
}

/** @type {{ name: string, bundled: boolean, file: string, codec?: string }[]} */
const CASES = [
  { name: 'kinesis-agg', bundled: false, file: files.ours, codec: 'native' },
  { name: 'kinesis-agg', bundled: true, file: files.bundledNative, codec: 'native' },
  { name: 'kinesis-agg as WebAssembly', bundled: false, file: files.ours, codec: 'wasm' },
  { name: 'kinesis-agg as WebAssembly', bundled: true, file: files.bundled, codec: 'wasm' },
  { name: 'aws-kinesis-agg', bundled: false, file: files.peer },
  { name: 'aws-kinesis-agg', bundled: true, file: files.bundledPeer }
]

/** @typedef {'require' | 'first' | 'warm' | 'deaggregation'} Part */
const PARTS = /** @type {const} */ (['require', 'first', 'warm', 'deaggregation'])
const measure = fileURLToPath(new URL('measure.mjs', import.meta.url))

/** @param {typeof CASES[number]} one @returns {Record<Part, number>} */
function run({ name, bundled, file, codec }) {
  const { KINESIS_AGG_CODEC: _codec, KINESIS_AGG_BINARY: _binary, ...rest } = process.env
  const env = /** @type {NodeJS.ProcessEnv} */ (rest)
  if (codec === 'wasm' && !bundled) env.KINESIS_AGG_CODEC = 'wasm'
  const args = [measure, file, eventFile, String(iterations)]
  const result = JSON.parse(execFileSync(process.execPath, args, { env, encoding: 'utf8' }))
  assert.deepEqual(result.answer, answer, name)
  assert.equal(result.codec, codec, name)
  return result.ms
}

try {
  const taken = CASES.map(() => /** @type {Record<Part, number>[]} */ ([]))
  for (let turn = 0; turn < runs; turn++) {
    for (const [i, one] of CASES.entries()) taken[i].push(run(one))
  }
  const rows = CASES.map(({ name, bundled }, i) => {
    const ms = Object.fromEntries(
      PARTS.map(part => [part, Number(spread(taken[i].map(times => times[part])).median.toPrecision(3))])
    )
    console.log(`${name}${bundled ? ', bundled' : ''}: ${JSON.stringify(ms)}`)
    return { name, bundled, ms }
  })
  const about = { bytes: text.length, userRecords: answer.records, loadAverage: os.loadavg()[0], runs }
  const file = options.json ?? (options.quick ? undefined : path.join(ROOT, 'bench/results/handler.json'))
  if (file !== undefined) {
    fs.writeFileSync(file, `${JSON.stringify({ schema: 1, ...environment(), ...about, rows }, null, 1)}\n`)
  }
} finally {
  fs.rmSync(folder, { recursive: true })
}
