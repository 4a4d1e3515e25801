/**
 * The codec's Rust tests on CPUs that have no package, in Debian's emulator: `npm run test:cpus -- [CPU...]`. s390x is
 * big endian. The standard library is built from Debian's source, and zig links.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { debianCompiler } from './debian-compiler.mjs'
import { emulatorOf, fromDebian } from './downloads.mjs'
import { ROOT } from './platforms.mjs'
import { zigPath } from './zig.mjs'

const CPUS = {
  s390x: { target: 's390x-unknown-linux-gnu', debian: 's390x', suite: 'bookworm' },
  ppc64le: { target: 'powerpc64le-unknown-linux-gnu', debian: 'ppc64el', suite: 'bookworm' },
  riscv64: { target: 'riscv64gc-unknown-linux-gnu', debian: 'riscv64', suite: 'trixie' }
}

/** Emulator and libraries, as cargo's `runner`. */
function runnerOf(cpu) {
  const { debian, suite } = CPUS[cpu]
  const libraries = ['libc6', 'libgcc-s1'].map(name => `${name}:${debian}`)
  const root = join(fromDebian(`${cpu}-libraries`, suite, ...libraries), 'root')
  // From trixie on, Debian has all of /lib in /usr/lib.
  return `${emulatorOf(cpu)} -L ${existsSync(join(root, 'lib')) ? root : join(root, 'usr')}`
}

function test(cpu) {
  const { target } = CPUS[cpu]
  const { CARGO_TARGET_DIR: folder = join(ROOT, 'target') } = process.env
  const variable = `CARGO_TARGET_${target.toUpperCase().replaceAll('-', '_')}_RUNNER`
  const std = '-Zbuild-std=std,panic_unwind,test'
  execFileSync(
    join(zigPath().split(':', 1)[0], 'cargo-zigbuild'),
    ['test', std, '--lib', '--tests', '--release', '--no-default-features', '--locked', '--target', target],
    {
      cwd: ROOT,
      stdio: 'inherit',
      env: {
        ...process.env,
        PATH: zigPath(),
        RUSTC: debianCompiler(true).rustc,
        RUSTC_BOOTSTRAP: '1',
        CARGO_TARGET_DIR: join(folder, 'packages-debian'),
        [variable]: runnerOf(cpu)
      }
    }
  )
  console.log(`${cpu}: passed`)
}

const wanted = process.argv.slice(2)
for (const cpu of wanted)
  if (!(cpu in CPUS)) throw new Error(`no CPU ${cpu}: ${Object.keys(CPUS).join(', ')}`)
for (const cpu of wanted.length > 0 ? wanted : Object.keys(CPUS)) test(cpu)
