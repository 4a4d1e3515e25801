/**
 * Programs for Windows on Linux: mingw's linker for what Rust builds, and Wine, both of Debian 13 in a folder of their own.
 * Needs root, for that folder to be a program's whole system.
 */
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { once, unpackDebian } from './downloads.mjs'
import { ROOT } from './platforms.mjs'

/** coreutils has `env`, by which debian-root.sh begins. */
const PACKAGES = ['gcc-mingw-w64-x86-64-win32', 'wine', 'wine64', 'coreutils']
const WINE = '/usr/lib/wine/wine64'
const SCRIPT = join(ROOT, 'scripts', 'debian-root.sh')

/** Debian's, without which nothing here works; throws where they cannot be had. */
export const windowsRoot = () =>
  once('windows', folder =>
    unpackDebian(
      folder,
      'trixie',
      PACKAGES.map(name => `${name}:amd64`),
      { withDependencies: true }
    )
  )

/** What a program in there sees of this machine. */
function shared() {
  const { CARGO_HOME = join(homedir(), '.cargo'), CARGO_TARGET_DIR } = process.env
  return [tmpdir(), CARGO_HOME, CARGO_TARGET_DIR, ROOT].filter(Boolean).join(':')
}

const inRoot = program => [SCRIPT, join(windowsRoot(), 'root'), shared(), program]

/** A folder with `gcc` and `dlltool`, which rustc looks for under this name. */
export function mingwTools() {
  const folder = join(ROOT, '.cache', 'mingw-tools')
  mkdirSync(folder, { recursive: true })
  const names = { 'x86_64-w64-mingw32-gcc': '-win32', 'x86_64-w64-mingw32-dlltool': '' }
  for (const [name, suffix] of Object.entries(names)) {
    const words = ['bash', ...inRoot(`/usr/bin/${name}${suffix}`)].map(word => `"${word}"`)
    writeFileSync(join(folder, name), `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 })
  }
  return { linker: join(folder, 'x86_64-w64-mingw32-gcc'), path: folder + delimiter + process.env.PATH }
}

/** A path of this machine as Windows writes it. */
export const windowsPath = path => `Z:${path.replaceAll('/', '\\')}`

/** What Wine keeps as drive C and registry. */
function prefix() {
  const name = 'wine-prefix'
  return once(name, folder => {
    // Wine's own libraries need it, and Debian has it elsewhere.
    const system = join(folder, 'drive_c', 'windows', 'system32')
    mkdirSync(system, { recursive: true })
    const zlib = join('usr', 'x86_64-w64-mingw32', 'lib', 'zlib1.dll')
    copyFileSync(join(windowsRoot(), 'root', zlib), join(system, 'zlib1.dll'))
  })
}

/**
 * Runs a program in Wine. Its standard streams are files: libuv opens no pipes of Linux there.
 *
 * @param {string[]} command the program's path on this machine, and arguments for it
 * @param {{ cwd: string, env?: Record<string, string>, timeout: number }} options milliseconds
 * @returns {{ status: number | null, stdout: string, stderr: string }}
 */
export function wine(command, { cwd, env = {}, timeout }) {
  const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-wine-'))
  const files = ['stdout', 'stderr'].map(name => join(folder, name))
  const streams = files.map(file => openSync(file, 'w'))
  try {
    const { status } = spawnSync('bash', [...inRoot(WINE), ...command], {
      cwd,
      timeout,
      stdio: ['ignore', ...streams],
      // Of this machine's variables, none: Windows has others.
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: folder,
        WINEPREFIX: prefix(),
        WINESERVER: '/usr/lib/wine/wineserver64',
        WINEDEBUG: '-all',
        WINEDLLOVERRIDES: 'mscoree,mshtml=',
        ...env
      }
    })
    const [stdout, stderr] = files.map(file => readFileSync(file, 'utf8'))
    return { status, stdout, stderr }
  } finally {
    streams.forEach(closeSync)
    rmSync(folder, { recursive: true })
  }
}

/** Ends what Wine left running: its server and services, of our own drive C only. */
export function endWine() {
  spawnSync('bash', [...inRoot('/usr/lib/wine/wineserver64'), '-k'], {
    env: { PATH: process.env.PATH, HOME: tmpdir(), WINEPREFIX: prefix() },
    stdio: 'ignore'
  })
}
