/** Bundles a handler in a project, and runs the bundle where there is nothing else. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { nodeOf } from '../../bench/nodes.mjs'
import { ROOT, manifest, platforms } from '../../scripts/platforms.mjs'

const SUPPORT = join(ROOT, 'packaging', 'support')

/** The platform that runs this. */
const host = platforms.find(
  ({ os, cpu, libc }) => os === process.platform && cpu === process.arch && libc !== 'musl'
)

/** A project whose node_modules has the package under both names, and no platform's. */
export function projectOf(packages) {
  const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-bundles-'))
  for (const name of [manifest.name, 'aws-kinesis-agg'])
    cpSync(join(packages, manifest.name), join(folder, 'node_modules', name), { recursive: true })
  cpSync(join(ROOT, 'packaging', 'handlers'), folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "name": "user", "private": true }\n')
  return folder
}

/** tsdown needs a later Node.js than the others. */
const builderOf = bundler => (bundler.startsWith('tsdown') ? nodeOf('22') : process.execPath)

/**
 * @typedef {object} Bundle
 * @property {string} folder with the output and nothing else, outside of the project
 * @property {string} file
 * @property {string} said by the bundler, beyond its summary
 * @property {number} bytes
 * @property {number} gzip
 */

/** @returns {Bundle} */
export function bundle(project, bundler, handler) {
  const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-bundle-'))
  const { status, stdout, stderr } = spawnSync(
    builderOf(bundler),
    [join(SUPPORT, 'bundle.mjs'), bundler, handler, folder],
    { cwd: project, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } }
  )
  const said = `${stdout}${stderr}`.trim()
  if (status !== 0) throw new Error(`${bundler} fails: ${said}`)
  const names = readdirSync(folder, { recursive: true }).filter(name => /\.[cm]?js$/.test(name))
  const file = names.find(name => /^index\.[cm]?js$/.test(name))
  const all = Buffer.concat(names.map(name => readFileSync(join(folder, name))))
  return { folder, file: join(folder, file), said, bytes: all.length, gzip: gzipSync(all).length }
}

/** The record that handlers get, and what they have to make of it. */
const { aggregate } = createRequire(join(ROOT, 'package.json'))('.')
const DATA = aggregate(['a', 'b'].map(partitionKey => ({ partitionKey, data: 'x' })))[0].data.toString(
  'base64'
)
const KEYS = ['ax', 'bx']

/**
 * Runs a bundle; throws unless the handler gives what it should, in the main thread and in a worker, by the codec that
 * is expected, and says nothing.
 */
export function run({ folder, file }, node, codec, env = {}) {
  const { status, stdout, stderr } = spawnSync(node, [join(SUPPORT, 'run-bundle.mjs'), file, DATA], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env }
  })
  const wanted = { keys: KEYS, codec }
  if (
    status !== 0 ||
    stderr !== '' ||
    !isDeepStrictEqual(JSON.parse(stdout), { main: wanted, worker: wanted })
  )
    throw new Error(`with ${codec}: ${stdout}${stderr}`)
}

/** The same with the binary beside the bundle. */
export function runWithBinary(made, packages, node) {
  const copy = join(made.folder, host.binary)
  copyFileSync(join(packages, host.package, host.binary), copy)
  try {
    run(made, node, 'native')
  } finally {
    rmSync(copy)
  }
}

/** The same with the platform's package in a folder of NODE_PATH, as in a layer of Lambda. */
export function runWithLayer(made, packages, node) {
  const layer = mkdtempSync(join(tmpdir(), 'kinesis-agg-layer-'))
  try {
    cpSync(join(packages, host.package), join(layer, host.package), { recursive: true })
    run(made, node, 'native', { NODE_PATH: layer })
  } finally {
    rmSync(layer, { recursive: true })
  }
}
