/**
 * How long `require` takes in a fresh process: the binary alone, through our loader, through the one that
 * `napi build` writes, and the whole package, with the binary and with WebAssembly. `node scripts/loader-times.mjs [node-major...]`
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeJsBinding } from '@napi-rs/cli'
import { nodeOf } from '../bench/nodes.mjs'
import { manifest, platforms } from './platforms.mjs'
import { stage } from './stage.mjs'

const RUNS = 41

const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-loader-'))
const packages = join(folder, 'packages')
stage(packages)
const one = platforms.find(({ os, cpu }) => os === process.platform && cpu === process.arch)
const modules = join(folder, 'node_modules')
for (const name of [manifest.name, one.package])
  cpSync(join(packages, name), join(modules, name), { recursive: true })
mkdirSync(join(modules, 'napi'))
await writeJsBinding({
  platform: true,
  binaryName: manifest.napi.binaryName,
  packageName: manifest.name,
  version: manifest.version,
  outputDir: join(modules, 'napi'),
  idents: ['decodeMany', 'encode'],
  jsBinding: 'index.js'
})
copyFileSync(join(modules, one.package, one.binary), join(folder, one.binary))

const CASES = {
  'the binary alone': `./${one.binary}`,
  'our loader': `./node_modules/${manifest.name}/dist/binding.js`,
  "napi's loader": './node_modules/napi/index.js',
  'the package': manifest.name,
  'the package, WebAssembly': manifest.name
}
for (const [i, path] of Object.values(CASES).entries())
  writeFileSync(
    join(folder, `${i}.cjs`),
    `const start = process.hrtime.bigint()\nrequire(${JSON.stringify(path)})\n` +
      `console.log(Number(process.hrtime.bigint() - start) / 1e6)\n`
  )

const median = numbers => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]
const nodes = [process.execPath, ...process.argv.slice(2).map(nodeOf)]
for (const node of nodes) {
  const times = Object.keys(CASES).map(() => [])
  for (let run = 0; run < RUNS; run++)
    for (const [i, name] of Object.keys(CASES).entries()) {
      const env = { ...process.env, ...(name.endsWith('WebAssembly') ? { KINESIS_AGG_CODEC: 'wasm' } : {}) }
      times[i].push(Number(execFileSync(node, [`${i}.cjs`], { cwd: folder, env, encoding: 'utf8' })))
    }
  console.log(execFileSync(node, ['--version'], { encoding: 'utf8' }).trim())
  for (const [i, name] of Object.keys(CASES).entries())
    console.log(`  ${name}: ${median(times[i]).toFixed(2)} ms`)
  console.log(`  ours takes ${(median(times[1]) / median(times[2])).toFixed(2)} of napi's`)
}
rmSync(folder, { recursive: true })
