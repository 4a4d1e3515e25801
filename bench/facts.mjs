/** What a result needs beside the rows: the machine, the commit, cold start, sizes. */
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { OUR_ENTRY, PEER_ENTRY, PEER_VERSION, ROOT, ours } from './contenders.mjs'
import { spread } from './measure.mjs'

/** @param {string[]} args */
function git(args) {
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
}

export function environment() {
  return {
    date: new Date().toISOString(),
    commit: git(['rev-parse', '--verify', '--quiet', 'HEAD']),
    node: process.version,
    v8: process.versions.v8,
    openssl: process.versions.openssl,
    platform: `${process.platform}-${process.arch}`,
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.cpus().length,
    peer: `aws-kinesis-agg ${PEER_VERSION}`
  }
}

const COLD_SCRIPT = `
const cpu = process.cpuUsage(), wall = process.hrtime.bigint();
require(process.argv[1]);
const took = process.hrtime.bigint() - wall, { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ wallMs: Number(took) / 1e6, cpuMs: (user + system) / 1e3 }));
`

/**
 * Milliseconds of `require` in fresh processes, taking turns.
 * @param {number} runs
 */
export function coldStart(runs) {
  const entries = Object.entries({ peer: PEER_ENTRY, ...(ours ? { ours: OUR_ENTRY } : {}) })
  /** @type {Record<string, { wallMs: number[], cpuMs: number[] }>} */
  const taken = Object.fromEntries(entries.map(([who]) => [who, { wallMs: [], cpuMs: [] }]))
  for (let run = -1; run < runs; run++) {
    const order = run % 2 === 0 ? entries : entries.toReversed()
    for (const [who, entry] of order) {
      const { wallMs, cpuMs } = JSON.parse(
        execFileSync(process.execPath, ['-e', COLD_SCRIPT, entry], { encoding: 'utf8' })
      )
      if (run < 0) continue // the first one reads the files from disk
      taken[who].wallMs.push(wallMs)
      taken[who].cpuMs.push(cpuMs)
    }
  }
  return Object.fromEntries(
    Object.entries(taken).map(([who, { wallMs, cpuMs }]) => [
      who,
      { runs, wallMs: spread(wallMs), cpuMs: spread(cpuMs) }
    ])
  )
}

/**
 * Bytes of all files under a folder, nested node_modules left out.
 * @param {string} folder
 */
function folderBytes(folder) {
  let sum = 0
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name)
    if (entry.isDirectory()) sum += entry.name === 'node_modules' ? 0 : folderBytes(full)
    else if (entry.isFile()) sum += fs.statSync(full).size
  }
  return sum
}

/**
 * The folder of an installed package, as Node would find it from `from`.
 * @param {string} name
 * @param {string} from
 */
function packageFolder(name, from) {
  for (const base of createRequire(path.join(from, 'x.js')).resolve.paths(name) ?? []) {
    const folder = path.join(base, name)
    if (fs.existsSync(path.join(folder, 'package.json'))) return folder
  }
  return null
}

/** The peer with everything it depends on: bytes on disk and how many packages. */
function peerSize() {
  /** @type {Set<string>} */
  const folders = new Set()
  /** @param {string} folder */
  const visit = folder => {
    if (folders.has(folder)) return
    folders.add(folder)
    const { dependencies = {} } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
    for (const name of Object.keys(dependencies)) {
      const found = packageFolder(name, folder)
      if (found !== null) visit(found)
    }
  }
  visit(path.dirname(PEER_ENTRY))
  return {
    unpackedBytes: [...folders].reduce((sum, folder) => sum + folderBytes(folder), 0),
    packages: folders.size
  }
}

/** Bytes that an install of ours unpacks, as npm would pack it; null where npm is not at hand. */
function packedSize() {
  const { status, stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
    shell: process.platform === 'win32'
  })
  try {
    return status === 0 ? /** @type {number} */ (JSON.parse(stdout)[0].unpackedSize) : null
  } catch {
    return null
  }
}

export function sizes() {
  const binaries = fs
    .readdirSync(path.join(ROOT, 'dist'))
    .filter(name => name.endsWith('.node'))
    .map(name => ({ name, bytes: fs.statSync(path.join(ROOT, 'dist', name)).size }))
  return { binaries, unpackedBytes: packedSize(), peer: peerSize() }
}
