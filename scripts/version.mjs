/**
 * Carries a new version from package.json to everything else that names it, for `npm version`, which then commits all of
 * it: Cargo.toml, both Cargo.lock, npm/*, and a heading in CHANGELOG.md for what was unreleased.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { npmDir } from './npm-dirs.mjs'
import { ROOT, manifest, platforms } from './platforms.mjs'

const { name, version } = manifest
const changed = []

/** Replaces the text that `pattern` finds between its two groups. */
function replace(file, pattern, text) {
  const path = join(ROOT, file)
  const before = readFileSync(path, 'utf8')
  if (!pattern.test(before)) throw new Error(`${file} has nothing like ${pattern}`)
  write(
    path,
    before.replace(pattern, (_, head, tail) => head + text + tail)
  )
}

function write(path, text) {
  writeFileSync(path, text)
  changed.push(path)
}

// First, since a version without notes is not released.
replace(
  'CHANGELOG.md',
  /(^## \[Unreleased\]\n)(\n(?!## )\S)/m,
  `\n## [${version}] - ${new Date().toISOString().slice(0, 10)}\n`
)
replace('Cargo.toml', /(^\[package\][^[]*?^version = ").*?(")/ms, version)
for (const lock of ['Cargo.lock', 'fuzz/Cargo.lock'])
  replace(lock, new RegExp(`(^name = "${name}"\\nversion = ").*?(")`, 'm'), version)
for (const one of platforms) for (const { path, text } of await npmDir(one)) write(path, text)

execFileSync('git', ['add', '--', ...changed], { cwd: ROOT })
