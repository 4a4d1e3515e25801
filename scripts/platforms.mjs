/** The platforms that have a binary: one list, out of package.json's `napi.targets`. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/** @param {string} path */
export const readJson = path => JSON.parse(readFileSync(path, 'utf8'))

/** package.json as it is in git. */
export const manifest = readJson(join(ROOT, 'package.json'))

/** The oldest glibc that the binaries run with: Amazon Linux 2's is 2.26, CentOS 7's 2.17. */
export const GLIBC = '2.17'

const CPUS = { x86_64: 'x64', aarch64: 'arm64' }
const SYSTEMS = { linux: 'linux', darwin: 'darwin', windows: 'win32' }

/**
 * @typedef {object} Platform
 * @property {string} name as in `kinesis-agg-linux-x64-gnu`
 * @property {string} target Rust's name
 * @property {string} os
 * @property {string} cpu
 * @property {string | undefined} libc
 * @property {string} package
 * @property {string} binary file name
 * @property {string} folder
 */

/**
 * @param {string} target
 * @returns {Platform}
 */
function platform(target) {
  const [machine, , system, abi] = target.split('-')
  const cpu = CPUS[machine]
  const os = SYSTEMS[system]
  const name = [os, cpu, abi].filter(Boolean).join('-')
  return {
    name,
    target,
    os,
    cpu,
    libc: os === 'linux' ? (abi === 'gnu' ? 'glibc' : abi) : undefined,
    package: `${manifest.name}-${name}`,
    binary: `${manifest.napi.binaryName}.${name}.node`,
    folder: join(ROOT, 'npm', name)
  }
}

/** @type {Platform[]} */
export const platforms = manifest.napi.targets.map(platform)
