/**
 * Builds the binaries for macOS on Linux, and inspects them: `npm run build:macos [-- platform...]`.
 *
 * They go into `.cache/cross/` and are never published: the release workflow builds those on macOS. The standard library is
 * built from Debian's source, LLD of rustup is the linker, and all that is needed of Apple's SDK is the list of
 * symbols in libSystem, which zig has.
 */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildBinary } from './build-binary.mjs'
import { debianCompiler } from './debian-compiler.mjs'
import { once } from './downloads.mjs'
import { MACOS, inspect } from './macho.mjs'
import { platforms } from './platforms.mjs'
import { rustLld } from './rust-lld.mjs'
import { zigLibrary } from './zig.mjs'

/** What the linker takes for Apple's SDK. */
const sdk = () =>
  once('macos-sdk-1', folder => {
    const libraries = join(folder, 'usr', 'lib')
    mkdirSync(libraries, { recursive: true })
    const symbols = readFileSync(join(zigLibrary(), 'libc', 'darwin', 'libSystem.tbd'), 'utf8')
    // An architecture that LLD does not know.
    writeFileSync(join(libraries, 'libSystem.tbd'), symbols.replaceAll(/,\s*arm64e\.x1-[a-z]+/g, ''))
    for (const name of ['c', 'm']) symlinkSync('libSystem.tbd', join(libraries, `lib${name}.tbd`))
  })

/** LLD as rustc calls it; napi-build adds a bare `-Wl`, which is for a C compiler. */
const linker = () =>
  once('macos-linker', folder => {
    const script = [
      '#!/bin/bash',
      'for argument in "$@"; do [ "$argument" = -Wl ] || arguments+=("$argument"); done',
      `exec "${rustLld()}" "\${arguments[@]}"`
    ]
    writeFileSync(join(folder, 'ld'), `${script.join('\n')}\n`, { mode: 0o755 })
  })

function build(one, rustc) {
  const file = buildBinary(one, {
    rustc,
    buildStd: true,
    isCross: true,
    linker: join(linker(), 'ld'),
    flags: [
      '-Zunstable-options',
      '-Clinker-flavor=darwin-lld',
      // Of symbols, only what dyld looks for: rustc would call a program that is not there.
      '-Clink-arg=-x',
      '-Clink-arg=-S',
      '-Clink-arg=-install_name',
      `-Clink-arg=@rpath/${one.binary}`
    ],
    env: {
      CARGO_PROFILE_RELEASE_STRIP: 'none',
      MACOSX_DEPLOYMENT_TARGET: MACOS[one.cpu],
      SDKROOT: sdk()
    }
  })
  inspect(file)
}

const macos = platforms.filter(({ os }) => os === 'darwin')
const names = process.argv.slice(2)
for (const name of names)
  if (!macos.some(one => one.name === name))
    throw new Error(`no platform ${name}: ${macos.map(one => one.name).join(', ')}`)
let rustc
try {
  rustc = debianCompiler(true).rustc
} catch (error) {
  console.log(`macOS: not built, because Debian's compiler could not be had (${error.message})`)
}
if (rustc !== undefined)
  for (const one of macos) if (names.length === 0 || names.includes(one.name)) build(one, rustc)
