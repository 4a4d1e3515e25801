/** Builds one platform's binary into `npm/<platform>/`, or, if it is only for tests, into `.cache/cross/`. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GLIBC, ROOT, platforms, readJson } from './platforms.mjs'
import { zigPath } from './zig.mjs'

const LIBRARY = { linux: 'libkinesis_agg.so', darwin: 'libkinesis_agg.dylib', win32: 'kinesis_agg.dll' }
const CROSS = join(ROOT, '.cache', 'cross')

/**
 * @typedef {object} Compiler
 * @property {string} [rustc] another compiler than rustup's
 * @property {boolean} [buildStd] it has the standard library for this target as source only
 * @property {boolean} [isCross] for tests: built on Linux for another system
 * @property {string} [target] another than the one that is published, which the release workflow builds
 * @property {string} [linker] a program
 * @property {string[]} [flags] for rustc
 * @property {Record<string, string>} [env]
 */

/** Paths of the machine that builds are nobody's business, and make each build another one. */
function remapped() {
  const cargo = process.env.CARGO_HOME ?? join(homedir(), '.cargo')
  return `--remap-path-prefix=${cargo}=/cargo --remap-path-prefix=${ROOT}=/kinesis-agg`
}

const linkerVariable = target => `CARGO_TARGET_${target.toUpperCase().replaceAll('-', '_')}_LINKER`

/** On Linux zig links: it has the symbols of every glibc, and musl. */
function commandOf(one, { buildStd, target = one.target }) {
  const std = buildStd ? ['-Zbuild-std=std,panic_unwind'] : []
  if (one.os !== 'linux') return ['build', ...std, '--release', '--target', target]
  const suffix = one.libc === 'glibc' ? `.${GLIBC}` : ''
  return ['zigbuild', ...std, '--release', '--target', `${one.target}${suffix}`]
}

/**
 * @param {import('./platforms.mjs').Platform} one
 * @param {Compiler} [compiler]
 * @returns {string} the file
 */
export function buildBinary(one, compiler = {}) {
  const { CARGO_TARGET_DIR: folder = join(ROOT, 'target'), ...rest } = process.env
  const { target: triple = one.target } = compiler
  // Compilers do not share what they built.
  const target = join(folder, compiler.rustc === undefined ? 'packages' : 'packages-debian')
  const env = {
    ...rest,
    ...(one.os === 'linux' ? { PATH: zigPath() } : {}),
    CARGO_TARGET_DIR: target,
    // A C library that is linked statically has no dlopen.
    RUSTFLAGS: [
      remapped(),
      ...(one.libc === 'musl' ? ['-C target-feature=-crt-static'] : []),
      ...(compiler.flags ?? [])
    ].join(' '),
    ...(compiler.rustc === undefined ? {} : { RUSTC: compiler.rustc }),
    ...(compiler.buildStd ? { RUSTC_BOOTSTRAP: '1' } : {}),
    ...(compiler.linker === undefined ? {} : { [linkerVariable(triple)]: compiler.linker }),
    ...compiler.env
  }
  execFileSync('cargo', [...commandOf(one, compiler), '--locked'], { cwd: ROOT, env, stdio: 'inherit' })
  const to = compiler.isCross ? CROSS : one.folder
  mkdirSync(to, { recursive: true })
  const binary = join(to, one.binary)
  copyFileSync(join(target, triple, 'release', LIBRARY[one.os]), binary)
  console.log(
    `${one.name}: ${statSync(binary).size} bytes, version ${readJson(join(one.folder, 'package.json')).version}`
  )
  return binary
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of process.argv.slice(2)) {
    const one = platforms.find(platform => platform.name === name)
    if (one === undefined)
      throw new Error(`no platform ${name}: ${platforms.map(each => each.name).join(', ')}`)
    buildBinary(one)
  }
}
