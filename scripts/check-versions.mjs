/**
 * Checks that everything names the same version: `npm run check:versions -- [--tag v1.2.3]`.
 *
 * With the tag of a release, the changelog must have a section for the version too.
 */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { npmDir } from './npm-dirs.mjs'
import { ROOT, manifest, platforms, readJson } from './platforms.mjs'

const { values } = parseArgs({ options: { tag: { type: 'string' } } })
const { name, version } = manifest
const read = path => readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n')
const problems = []

function same(what, found) {
  if (found !== version) problems.push(`${what} says ${found}, package.json ${version}`)
}

same('Cargo.toml', /^\[package\][^[]*?^version = "(.*?)"/ms.exec(read('Cargo.toml'))?.[1])
for (const lock of ['Cargo.lock', 'fuzz/Cargo.lock'])
  same(lock, new RegExp(`^name = "${name}"\nversion = "(.*?)"`, 'm').exec(read(lock))?.[1])
const lock = readJson(join(ROOT, 'package-lock.json'))
same('package-lock.json', lock.version)
same('package-lock.json (its first package)', lock.packages[''].version)

for (const one of platforms)
  for (const { path, text } of await npmDir(one))
    if (read(relative(ROOT, path)) !== text)
      problems.push(`${relative(ROOT, path)} is not what \`npm run npm-dirs\` writes`)

if (values.tag !== undefined) {
  same('the tag', values.tag.replace(/^v/, ''))
  const date = new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d\\d-\\d\\d$`, 'm')
  if (!date.test(read('CHANGELOG.md')))
    problems.push(`CHANGELOG.md has no line \`## [${version}] - YYYY-MM-DD\``)
}

for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else console.log(`${name} ${version}: all agree`)
