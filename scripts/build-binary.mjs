/** Builds one platform's binary into `npm/<platform>/`. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GLIBC, ROOT, platforms, readJson } from './platforms.mjs'
import { zigPath } from './zig.mjs'

const LIBRARY = { linux: 'libkinesis_agg.so', darwin: 'libkinesis_agg.dylib', win32: 'kinesis_agg.dll' }

/**
 * @typedef {object} Compiler
 * @property {string} [rustc] another compiler than rustup's
 * @property {boolean} [buildStd] it has the standard library for this target as source only
 */

/** Paths of the machine that builds are nobody's business, and make each build another one. */
function remapped() {
  const cargo = process.env.CARGO_HOME ?? join(homedir(), '.cargo')
  return `--remap-path-prefix=${cargo}=/cargo --remap-path-prefix=${ROOT}=/kinesis-agg`
}

/** On Linux zig links: it has the symbols of every glibc, and musl. */
function commandOf(one, { buildStd }) {
  if (one.os !== 'linux') return ['build', '--release', '--target', one.target]
  const suffix = one.libc === 'glibc' ? `.${GLIBC}` : ''
  const std = buildStd ? ['-Zbuild-std=std,panic_unwind'] : []
  return ['zigbuild', ...std, '--release', '--target', `${one.target}${suffix}`]
}

/**
 * @param {import('./platforms.mjs').Platform} one
 * @param {Compiler} [compiler]
 */
export function buildBinary(one, compiler = {}) {
  const { CARGO_TARGET_DIR: folder = join(ROOT, 'target'), ...rest } = process.env
  // Compilers do not share what they built.
  const target = join(folder, compiler.rustc === undefined ? 'packages' : 'packages-debian')
  const env = {
    ...rest,
    ...(one.os === 'linux' ? { PATH: zigPath() } : {}),
    CARGO_TARGET_DIR: target,
    // A C library that is linked statically has no dlopen.
    RUSTFLAGS: remapped() + (one.libc === 'musl' ? ' -C target-feature=-crt-static' : ''),
    ...(compiler.rustc === undefined ? {} : { RUSTC: compiler.rustc }),
    ...(compiler.buildStd ? { RUSTC_BOOTSTRAP: '1' } : {})
  }
  execFileSync('cargo', [...commandOf(one, compiler), '--locked'], { cwd: ROOT, env, stdio: 'inherit' })
  const binary = join(one.folder, one.binary)
  copyFileSync(join(target, one.target, 'release', LIBRARY[one.os]), binary)
  console.log(
    `${one.name}: ${statSync(binary).size} bytes, version ${readJson(join(one.folder, 'package.json')).version}`
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of process.argv.slice(2)) {
    const one = platforms.find(platform => platform.name === name)
    if (one === undefined)
      throw new Error(`no platform ${name}: ${platforms.map(each => each.name).join(', ')}`)
    buildBinary(one)
  }
}
