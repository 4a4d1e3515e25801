/**
 * Builds the codec as WebAssembly, `src-js/native/codec.wasm`, which is committed: `npm run build:wasm`.
 *
 * The standard library is built for it without the text of panics, which needs its source and a compiler that takes
 * options of nightly: Debian's. Other compilers build other bytes, so `codec.wasm.json` says which one it was, and
 * `npm run build:wasm -- --check` builds again and compares. Where the compiler cannot be had, or Debian has gone on to
 * another one, it says so and is no failure.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { debianCompiler } from './debian-compiler.mjs'
import { ROOT, readJson } from './platforms.mjs'
import { rustLld } from './rust-lld.mjs'

const TARGET = 'wasm32-unknown-unknown'
const MODULE = join(ROOT, 'src-js', 'native', 'codec.wasm')
const RECORD = `${MODULE}.json`
const MAX_BYTES = 60 * 1024

/** What every engine has that runs Node.js 20: no SIMD, which some of them get wrong. */
const FEATURES = [
  'bulk-memory',
  'multivalue',
  'mutable-globals',
  'nontrapping-float-to-int',
  'reference-types',
  'sign-ext'
]

/** @param {{ rustc: string, source: string }} compiler */
function compile({ rustc, source }) {
  const target = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'wasm')
  const cargo = process.env.CARGO_HOME ?? join(homedir(), '.cargo')
  const flags = [
    '-Zunstable-options',
    '-Cpanic=immediate-abort',
    '-Zlocation-detail=none',
    '-Clinker-flavor=wasm-lld',
    '-Clink-arg=-zstack-size=65536',
    ...[
      [cargo, '/cargo'],
      [ROOT, '/kinesis-agg'],
      [source, '/rust']
    ].map(([from, to]) => `--remap-path-prefix=${from}=${to}`)
  ]
  const options = ['--lib', '--profile', 'wasm', '--no-default-features', '--features', 'wasm', '--locked']
  execFileSync('cargo', ['build', '-Zbuild-std=std,panic_abort', '--target', TARGET, ...options], {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      RUSTC: rustc,
      RUSTC_BOOTSTRAP: '1',
      CARGO_TARGET_DIR: target,
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: rustLld(),
      RUSTFLAGS: flags.join(' ')
    }
  })
  return join(target, TARGET, 'wasm', 'kinesis_agg.wasm')
}

/** @param {string} file */
function optimize(file) {
  const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-wasm-'))
  try {
    const output = join(folder, 'codec.wasm')
    const wasmOpt = join(ROOT, 'node_modules', 'binaryen', 'bin', 'wasm-opt')
    const features = FEATURES.map(feature => `--enable-${feature}`)
    execFileSync(process.execPath, [
      wasmOpt,
      '--mvp-features',
      ...features,
      '-O3',
      '--strip-debug',
      '--strip-producers',
      file,
      '-o',
      output
    ])
    return readFileSync(output)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const checksum = bytes => createHash('sha256').update(bytes).digest('hex')

/** What decides about the bytes, besides the source. */
function toolsOf({ rustc }) {
  const { version: binaryen } = readJson(join(ROOT, 'node_modules', 'binaryen', 'package.json'))
  return { rustc: execFileSync(rustc, ['--version'], { encoding: 'utf8' }).trim(), binaryen }
}

function build(compiler) {
  const bytes = optimize(compile(compiler))
  const { length } = bytes
  console.log(`codec.wasm: ${length} bytes, ${gzipSync(bytes, { level: 9 }).length} with gzip`)
  if (length > MAX_BYTES) throw new Error(`codec.wasm has ${length} bytes; ${MAX_BYTES} are the most`)
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes))
  if (imports.length > 0) throw new Error(`codec.wasm imports ${imports.map(({ name }) => name).join(', ')}`)
  return bytes
}

function check(compiler) {
  const { sha256, ...tools } = readJson(RECORD)
  const committed = checksum(readFileSync(MODULE))
  if (committed !== sha256) throw new Error(`codec.wasm is not the one that ${RECORD} tells of`)
  const here = toolsOf(compiler)
  if (JSON.stringify(here) !== JSON.stringify(tools)) {
    console.log(
      `codec.wasm: not compared, built with ${JSON.stringify(tools)}; here are ${JSON.stringify(here)}`
    )
    build(compiler)
    return
  }
  if (checksum(build(compiler)) !== sha256)
    throw new Error('codec.wasm is not what the source gives: `npm run build:wasm` makes it anew')
  console.log('codec.wasm: the same bytes as committed')
}

function write(compiler) {
  const bytes = build(compiler)
  writeFileSync(MODULE, bytes)
  writeFileSync(RECORD, `${JSON.stringify({ sha256: checksum(bytes), ...toolsOf(compiler) }, null, 2)}\n`)
}

const checking = process.argv.includes('--check')
let compiler
try {
  compiler = debianCompiler(true)
} catch (error) {
  if (!checking) throw error
  console.log(`codec.wasm: not compared, because Debian's compiler could not be had (${error.message})`)
}
if (compiler !== undefined) (checking ? check : write)(compiler)
