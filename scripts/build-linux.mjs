/**
 * Builds the Linux binaries that this machine can: `npm run build:linux -- [platform...]`.
 *
 * x64 with glibc is rustup's own. For the others the standard library is needed, which `rustup target add` brings
 * (that is what CI does); where rustup cannot, Debian's compiler stands in, if Debian still has it.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildBinary } from './build-binary.mjs'
import { debianCompiler } from './debian-compiler.mjs'
import { ROOT, platforms } from './platforms.mjs'

/** Whether rustup's compiler has the standard library for a target. */
function hasStd(target) {
  const sysroot = execFileSync('rustc', ['--print', 'sysroot'], { cwd: ROOT, encoding: 'utf8' }).trim()
  return existsSync(join(sysroot, 'lib', 'rustlib', target, 'lib'))
}

/** @returns {boolean} whether it was built; a compiler that Debian no longer has is no failure */
function build(one) {
  if (hasStd(one.target)) {
    buildBinary(one)
    return true
  }
  const musl = one.libc === 'musl'
  let rustc
  try {
    rustc = debianCompiler(musl).rustc
  } catch (error) {
    console.log(`${one.name}: not built, because Debian's compiler could not be had (${error.message})`)
    return false
  }
  buildBinary(one, { rustc, buildStd: musl })
  return true
}

const linux = platforms.filter(({ os }) => os === 'linux')
const names = process.argv.slice(2)
for (const name of names)
  if (!linux.some(one => one.name === name))
    throw new Error(`no platform ${name}: ${linux.map(one => one.name).join(', ')}`)
const built = linux.filter(({ name }) => names.length === 0 || names.includes(name)).map(build)
console.log(`${built.filter(Boolean).length} of ${built.length} built`)
