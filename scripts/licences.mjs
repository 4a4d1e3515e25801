/**
 * Writes THIRD-PARTY-LICENSES.md: the licences of what is linked into the binary. `--check` fails on a difference.
 *
 * Crates count that some platform's binary links: not proc macros, nor what only builds or tests use.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { ROOT, manifest } from './platforms.mjs'

const FILE = join(ROOT, 'THIRD-PARTY-LICENSES.md')

/** Best first; a crate under none of them fails the run, so that somebody looks. */
const ACCEPTED = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'Zlib', 'Unicode-3.0']
const NAMES_OF_FILES = {
  MIT: /^LICEN[CS]E[-.]MIT(\.(txt|md))?$/i,
  'Apache-2.0': /^LICEN[CS]E[-.]APACHE(\.(txt|md))?$/i
}
const ANY_FILE = /^(LICEN[CS]E|COPYING)(\.(txt|md))?$/i

/** Linked by every Rust program, and no crates of Cargo's. */
const STANDARD_LIBRARY = {
  name: 'The Rust standard library',
  version: 'of the compiler that built the binary',
  license: 'MIT',
  text: mit('Copyright (c) The Rust Project Contributors')
}

function mit(copyright) {
  return `MIT License

${copyright}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`
}

/** The crates that the dependency graph reaches from ours by normal dependencies, on one target. */
function linked(target) {
  const json = execFileSync(
    'cargo',
    ['metadata', '--format-version', '1', '--locked', '--filter-platform', target],
    { cwd: ROOT, maxBuffer: 2 ** 28, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }
  )
  const { packages, resolve } = JSON.parse(json)
  const crates = new Map(packages.map(one => [one.id, one]))
  const nodes = new Map(resolve.nodes.map(node => [node.id, node]))
  const isMacro = id => crates.get(id).targets.some(({ kind }) => kind.includes('proc-macro'))
  const seen = new Set()
  const visit = id => {
    if (seen.has(id) || isMacro(id)) return
    seen.add(id)
    for (const { pkg, dep_kinds: kinds } of nodes.get(id).deps)
      if (kinds.some(({ kind }) => kind === null)) visit(pkg)
  }
  visit(resolve.root)
  seen.delete(resolve.root)
  return [...seen].map(id => crates.get(id))
}

/** One licence of an expression like `MIT OR Apache-2.0`. */
function chosen({ name, license }) {
  const choices = license?.split(/ OR |\//) ?? []
  const found = ACCEPTED.find(one => choices.includes(one))
  if (found === undefined) throw new Error(`${name}: licence ${license} is none of ${ACCEPTED.join(', ')}`)
  return found
}

/** The text as the crate has it; some crates leave it out, and then only MIT's can be made up for. */
function textOf(crate, license) {
  const folder = dirname(crate.manifest_path)
  const files = readdirSync(folder)
  const file = files.find(one => NAMES_OF_FILES[license]?.test(one)) ?? files.find(one => ANY_FILE.test(one))
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8')
  if (license !== 'MIT') throw new Error(`${crate.name} has no file with its licence, ${license}`)
  const owners = crate.authors.map(one => one.replace(/ <.*>/, '')).join(', ')
  return mit(`Copyright (c) ${owners || `The ${crate.name} authors`}`)
}

/** Neither line breaks nor indentation tell licences apart. */
const unwrapped = text =>
  text
    .replaceAll('\r', '')
    .trim()
    .split(/\n\s*\n/)
    .map(paragraph => paragraph.replace(/\s+/g, ' ').trim())
    .join('\n\n')

function page() {
  const crates = new Map(manifest.napi.targets.flatMap(linked).map(one => [one.id, one]))
  const entries = [...crates.values()].map(crate => {
    const license = chosen(crate)
    return { name: crate.name, version: crate.version, license, text: textOf(crate, license) }
  })
  const byText = new Map()
  for (const one of [STANDARD_LIBRARY, ...entries]) {
    const text = unwrapped(one.text)
    byText.set(text, [...(byText.get(text) ?? []), one])
  }
  const sections = [...byText].map(([text, users]) => {
    const names = users.map(({ name, version }) => `${name} (${version})`).toSorted()
    return `## ${users[0].license}: ${names.join(', ')}\n\n${text.replace(/^(?=#|\s{4}|[-*+] )/gm, '\\')}\n`
  })
  return [
    '# Third-party licences',
    `What is linked into the native binary of ${manifest.name}, and under which licence it is used. Written by \`npm run licences\` from \`Cargo.lock\`.`,
    ...sections.toSorted()
  ].join('\n\n')
}

const text = await format(page(), { ...(await resolveConfig(FILE)), filepath: FILE })
if (!process.argv.includes('--check')) writeFileSync(FILE, text)
else if (readFileSync(FILE, 'utf8').replaceAll('\r\n', '\n') !== text) {
  console.error('THIRD-PARTY-LICENSES.md is not what `npm run licences` writes.')
  process.exitCode = 1
}
