/** Programs and libraries for tests, each fetched once, into `.cache/runtimes/` (which git ignores). */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './platforms.mjs'

const CACHE = join(ROOT, '.cache', 'runtimes')

/**
 * Makes a folder by `fill`, unless it is there; one that is there is whole.
 *
 * @param {string} name
 * @param {(folder: string) => void} fill
 * @returns {string} the folder
 */
export function once(name, fill) {
  const folder = join(CACHE, name)
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  fill(unfinished)
  renameSync(unfinished, folder)
  return folder
}

/** A package of npm, without what it depends on, and for whatever machine. */
export const fromNpm = spec =>
  once(spec.replaceAll('/', '+'), folder => {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    execFileSync('npm', ['install', '--force', '--ignore-scripts', '--no-audit', '--no-fund', spec], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe']
    })
  })

/**
 * Packages of Debian, unpacked; by default without what they depend on.
 *
 * @param {string} folder
 * @param {string} suite
 * @param {string[]} packages each with its architecture
 * @param {{ withDependencies?: boolean }} [options]
 */
export function unpackDebian(folder, suite, packages, { withDependencies = false } = {}) {
  const { status, stderr } = spawnSync(
    'bash',
    [join(ROOT, 'scripts', 'debian-packages.sh'), folder, suite, ...packages],
    {
      encoding: 'utf8',
      env: { ...process.env, ...(withDependencies ? { WITH_DEPENDENCIES: '1' } : {}) },
      stdio: ['ignore', 'ignore', 'pipe']
    }
  )
  if (status !== 0) throw new Error(`Debian's ${packages.join(', ')} could not be had: ${stderr.trim()}`)
}

export const fromDebian = (name, suite, ...packages) =>
  once(name, folder => unpackDebian(folder, suite, packages))

/** Names of CPUs at qemu and PyPI, and at Debian. */
export const MACHINES = { x64: 'x86_64', arm64: 'aarch64' }
export const DEBIAN = { x64: 'amd64', arm64: 'arm64' }

/**
 * Debian's emulator of a machine: one static program.
 *
 * @param {string} machine as qemu names it
 */
export function emulatorOf(machine) {
  const folder = fromDebian('qemu', 'bookworm', `qemu-user-static:${DEBIAN[process.arch]}`)
  return join(folder, 'root', 'usr', 'bin', `qemu-${machine}-static`)
}
