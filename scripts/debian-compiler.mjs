/** Debian's Rust compiler, with standard libraries that rustup has not everywhere. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './platforms.mjs'

const FOLDER = join(ROOT, '.cache', 'toolchains', 'debian-rustc')

/**
 * The compiler, with the standard library for arm64, and its source for what is to be built with `-Zbuild-std`.
 * Unpacked on first use; throws where Debian cannot be reached, or no longer has it.
 *
 * @param {boolean} withSource
 * @returns {{ rustc: string, source: string }}
 */
export function debianCompiler(withSource) {
  const rustc = join(FOLDER, 'rustc')
  const source = join(FOLDER, 'root', 'usr', 'lib', 'rustlib', 'src')
  if (!existsSync(rustc) || (withSource && !existsSync(source))) {
    const env = { ...process.env, ...(withSource ? { WITH_SRC: '1' } : {}) }
    execFileSync('bash', [join(ROOT, 'scripts', 'debian-rustc.sh'), FOLDER], {
      env,
      stdio: ['ignore', 'inherit', 'inherit']
    })
  }
  return { rustc, source }
}
