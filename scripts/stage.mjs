/**
 * Lays out and packs what gets published: `node scripts/stage.mjs [--all] [folder]`.
 *
 * Main's `optionalDependencies` are written here, not in git: before a version is out, npm could not install them,
 * and in a clone a published binary must not stand in for the one that was just built.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ROOT, manifest, platforms, readJson } from './platforms.mjs'

const LEGAL = ['LICENSE', 'THIRD-PARTY-LICENSES.md']

/** What only a clone has a use for. */
const { scripts: _scripts, devDependencies: _dev, napi: _napi, ...published } = manifest

/**
 * @typedef {object} Staged
 * @property {string} name
 * @property {string} tarball
 * @property {string[]} files
 * @property {number} unpackedSize bytes
 */

/** The platforms whose binaries are at hand. */
export const builtPlatforms = () => platforms.filter(({ folder, binary }) => existsSync(join(folder, binary)))

function stagePlatform(one, folder, binary) {
  cpSync(one.folder, folder, { recursive: true })
  if (binary !== undefined) writeFileSync(join(folder, one.binary), binary)
  for (const file of LEGAL) copyFileSync(join(ROOT, file), join(folder, file))
}

/** Resolvers that do not know `exports` look for these files where `aws-kinesis-agg` has them. */
function writeOldPaths(folder) {
  mkdirSync(join(folder, 'lib'))
  const text = file => `module.exports = require('${file}')\n`
  for (const file of readdirSync(join(ROOT, 'dist', 'lib')).filter(name => name.endsWith('.js')))
    writeFileSync(join(folder, 'lib', file), text(`../dist/lib/${file}`))
  writeFileSync(join(folder, 'index.js'), text('./dist/index.js'))
}

function stageMain(folder) {
  for (const entry of [...manifest.files.filter(one => !one.startsWith('!')), 'LICENSE', 'README.md'])
    cpSync(join(ROOT, entry), join(folder, entry), {
      recursive: true,
      filter: path => !path.endsWith('.node')
    })
  writeOldPaths(folder)
  const optionalDependencies = Object.fromEntries(
    platforms.map(one => [one.package, readJson(join(one.folder, 'package.json')).version])
  )
  const json = { ...published, files: [...manifest.files, 'index.js', 'lib'], optionalDependencies }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(json, null, 2)}\n`)
}

/** @returns {Staged} */
function pack(folder, to) {
  const output = execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', to, folder],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      shell: process.platform === 'win32'
    }
  )
  const [{ name, filename, files, unpackedSize }] = Object.values(JSON.parse(output))
  return { name, tarball: join(to, filename), files: files.map(({ path }) => path).toSorted(), unpackedSize }
}

/**
 * @param {string} to a folder, which is emptied
 * @param {{ standIns?: boolean }} [options] `standIns`: platforms that were not built here get a package too, with an
 *   empty file for a binary; for tests of what npm picks
 * @returns {Staged[]} platforms first, then main
 */
export function stage(to, { standIns = false } = {}) {
  rmSync(to, { recursive: true, force: true })
  const built = new Set(builtPlatforms())
  const staged = platforms
    .filter(one => standIns || built.has(one))
    .map(one => {
      const folder = join(to, one.package)
      mkdirSync(folder, { recursive: true })
      stagePlatform(one, folder, built.has(one) ? undefined : '')
      return pack(folder, to)
    })
  const main = join(to, manifest.name)
  mkdirSync(main, { recursive: true })
  stageMain(main)
  return [...staged, pack(main, to)]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { all: { type: 'boolean', default: false } }
  })
  const missing = platforms.filter(one => !builtPlatforms().includes(one))
  if (values.all && missing.length > 0)
    throw new Error(`no binary for ${missing.map(({ name }) => name).join(', ')}`)
  for (const { tarball, unpackedSize } of stage(resolve(positionals[0] ?? join(ROOT, '.cache', 'packages'))))
    console.log(`${relative(ROOT, tarball)}: ${unpackedSize} bytes unpacked`)
}
