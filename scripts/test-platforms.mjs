/**
 * The packed binaries under every runtime that this machine has or can emulate: `npm run test:platforms`.
 *
 * On Linux x64 the whole test suite runs on each Node.js. Where its runner cannot run, `smoke.cjs` does, in a folder
 * that has the packages for all platforms, so that the loader has to pick the right one.
 *
 *   --short          the smoke suite only, one Node.js for arm64, and no CPU that has no binary
 *   --here PLATFORM  the smoke suite under the Node.js that runs this, which is of that platform; fetches nothing
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT, manifest, platforms } from './platforms.mjs'
import { builtPlatforms, stage } from './stage.mjs'

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, here: { type: 'string' } }
})
const built = new Set(builtPlatforms().map(({ name }) => name))
const VECTORS = join(ROOT, '__test__', 'fixtures', 'vectors.cjs')
const SHORT = { 'linux-arm64-gnu': 'Node.js 24' }

/** A folder with everything that was built, installed side by side. */
function install() {
  const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-platforms-'))
  const packages = join(folder, 'packages')
  stage(packages)
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  const names = platforms.filter(({ name }) => built.has(name)).map(one => one.package)
  for (const name of [manifest.name, ...names])
    cpSync(join(packages, name), join(modules, name), { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: { [manifest.name]: '*' } }))
  copyFileSync(join(ROOT, 'scripts', 'smoke.cjs'), join(folder, 'smoke.cjs'))
  return folder
}

/** @returns {string[] | undefined} nothing for a rare CPU of which Debian or npm lacks a part */
function commandOf({ name, isRare, command }) {
  try {
    return command()
  } catch (error) {
    if (!isRare) throw error
    console.log(`wasm: ${name} skipped (${error.message})`)
  }
}

/** @returns {boolean} whether it passed */
function smoke(folder, { name, platform }, [program, ...args]) {
  const started = Date.now()
  const { status, stdout, stderr } = spawnSync(program, [...args, 'smoke.cjs', platform, VECTORS], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      KINESIS_AGG_BINARY: '',
      KINESIS_AGG_CODEC: platform === 'wasm' ? 'wasm' : 'native'
    }
  })
  const took = `${((Date.now() - started) / 1000).toFixed(1)} s`
  if (status === 0) console.log(`${platform}: ${stdout.trim()} in ${took}`)
  else console.log(`${platform}: ${name} FAILED (${status})\n${stdout}${stderr}`)
  return status === 0
}

/** The whole suite, with the binary that gets published. */
function suite() {
  const one = platforms.find(({ name }) => name === 'linux-x64-gnu')
  const env = { ...process.env, KINESIS_AGG_BINARY: join(one.folder, one.binary) }
  execFileSync(process.execPath, [join(ROOT, 'scripts', 'test-nodes.mjs')], {
    cwd: ROOT,
    env,
    stdio: 'inherit'
  })
}

/** What to run. The others need packages, and this does not. */
async function wanted() {
  if (values.here !== undefined)
    return [{ name: 'this Node.js', platform: values.here, command: () => [process.execPath] }]
  const { runtimes } = await import('./runtimes.mjs')
  return runtimes.filter(
    ({ name, platform, isRare }) => !values.short || (!isRare && (SHORT[platform] ?? name) === name)
  )
}

const folder = install()
let passed = 0
let failed = 0
for (const runtime of await wanted()) {
  if (runtime.platform !== 'wasm' && !built.has(runtime.platform)) {
    console.log(`${runtime.platform}: ${runtime.name} skipped, because it was not built`)
    continue
  }
  const command = commandOf(runtime)
  if (command === undefined) continue
  if (smoke(folder, runtime, command)) passed++
  else failed++
}
rmSync(folder, { recursive: true })
console.log(`${passed} passed, ${failed} failed`)
if (passed === 0 || failed > 0) process.exitCode = 1
else if (!values.short && values.here === undefined) suite()
