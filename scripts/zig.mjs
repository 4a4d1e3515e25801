/** Gets zig and cargo-zigbuild from PyPI, once, into `.cache/toolchains/` (which git ignores). */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ROOT } from './platforms.mjs'

const PINNED = ['ziglang==0.17.1', 'cargo-zigbuild==0.24.1']

/** The PATH with `zig` and `cargo-zigbuild` on it. */
export function zigPath() {
  const folder = join(ROOT, '.cache', 'toolchains', PINNED.join('+'))
  const bin = join(folder, 'bin')
  const zig = join(bin, 'zig')
  if (!existsSync(zig)) {
    mkdirSync(folder, { recursive: true })
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' })
    execFileSync(join(bin, 'pip'), ['install', '--quiet', ...PINNED], { stdio: 'inherit' })
    // Last: its presence says that all is there.
    writeFileSync(zig, `#!/bin/sh\nexec "${join(bin, 'python')}" -m ziglang "$@"\n`)
    chmodSync(zig, 0o755)
  }
  return bin + delimiter + process.env.PATH
}

/** The folder of what zig knows about other systems' libraries. */
export function zigLibrary() {
  const [bin] = zigPath().split(delimiter, 1)
  const code = 'import os, ziglang; print(os.path.dirname(ziglang.__file__))'
  return join(execFileSync(join(bin, 'python'), ['-c', code], { encoding: 'utf8' }).trim(), 'lib')
}
