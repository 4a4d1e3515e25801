/**
 * Publishes tarballs that `stage.mjs` packed, the main package last: nobody installs it before its binaries are there.
 * `node scripts/publish.mjs FOLDER [what npm publish takes...]`
 *
 * A version that is there already is left alone, so a release that stopped half-way can go on.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { manifest, platforms } from './platforms.mjs'

const [folder, ...flags] = process.argv.slice(2)
const { version } = manifest
const at = flags.filter(flag => flag.startsWith('--registry'))
const shell = process.platform === 'win32'
const there = name =>
  spawnSync('npm', ['view', `${name}@${version}`, 'version', ...at], {
    encoding: 'utf8',
    shell
  }).stdout.trim() === version

const names = [...platforms.map(one => one.package), manifest.name]
const tarballs = new Set(readdirSync(folder))
const wanted = names.map(name => `${name}-${version}.tgz`)
const missing = wanted.filter(file => !tarballs.has(file))
if (missing.length > 0) throw new Error(`${folder} has no ${missing.join(', ')}`)

for (const [i, name] of names.entries()) {
  if (there(name)) {
    console.log(`${name}@${version} is there already`)
    continue
  }
  // A prerelease must not become what `npm install` takes.
  const tag = version.includes('-') ? ['--tag', 'next'] : []
  const args = [
    'publish',
    resolve(join(folder, wanted[i])),
    '--access',
    'public',
    '--ignore-scripts',
    ...tag,
    ...flags
  ]
  execFileSync('npm', args, { stdio: ['ignore', 'inherit', 'inherit'], shell })
}
