/** LLD, which rustup brings: the linker for what no C compiler of this machine links. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './platforms.mjs'

/** @returns {string} the program's path */
export function rustLld() {
  const ask = option => execFileSync('rustc', [option], { cwd: ROOT, encoding: 'utf8' }).trim()
  const sysroot = ask('--print=sysroot')
  const [, host] = /^host: (.*)$/m.exec(ask('-vV'))
  return join(sysroot, 'lib', 'rustlib', host, 'bin', 'rust-lld')
}
