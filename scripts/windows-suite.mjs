/** The test suite in Wine, in a copy of this repository that has the packages of npm for Windows. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ROOT } from './platforms.mjs'
import { NOT_IN_WINE } from './windows-exceptions.mjs'
import { windowsPath, wine } from './wine.mjs'

const COPY = join(ROOT, '.cache', 'windows-suite')
const LOCK = 'package-lock.json'
const KEPT = new Set(['node_modules', 'installed.json'])

/** @returns {string[]} what git has or would take, and what is built */
function files() {
  const output = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8'
  })
  return [...output.split('\0').filter(name => name !== '' && existsSync(join(ROOT, name))), 'dist']
}

function copy() {
  mkdirSync(COPY, { recursive: true })
  for (const name of readdirSync(COPY)) if (!KEPT.has(name)) rmSync(join(COPY, name), { recursive: true })
  const isBinary = path => path.endsWith('.node')
  for (const name of files())
    cpSync(join(ROOT, name), join(COPY, name), { recursive: true, filter: path => !isBinary(path) })
  const lock = readFileSync(join(ROOT, LOCK), 'utf8')
  const installed = join(COPY, 'installed.json')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return
  const options = [
    '--os=win32',
    '--cpu=x64',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error'
  ]
  execFileSync('npm', ['ci', ...options], { cwd: COPY, stdio: ['ignore', 'ignore', 'inherit'] })
  writeFileSync(installed, lock)
}

const whole = NOT_IN_WINE.filter(({ test }) => test === undefined)

/** @returns {string | undefined} why a test may fail in Wine */
const reasonOf = (file, name) =>
  NOT_IN_WINE.find(one => one.file === file && one.test !== undefined && name.includes(one.test))?.why

/** Prints each failure that nobody knows of, and counts both kinds. */
function judge(results) {
  const folder = windowsPath(COPY).replaceAll('\\', '/')
  let unknown = 0
  let known = 0
  for (const { name, message, assertionResults } of results.testResults) {
    const file = relative(folder, name.replaceAll('\\', '/'))
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    if (failed.length === 0 && message) {
      unknown++
      console.log(`  ${file}: ${message}`)
    }
    for (const { fullName, failureMessages } of failed) {
      if (reasonOf(file, fullName) !== undefined) known++
      else {
        unknown++
        console.log(`  ${file}: ${fullName}\n${failureMessages.join('\n').replaceAll(/^/gm, '    ')}`)
      }
    }
  }
  return { unknown, known }
}

/**
 * @param {string} node the program for Windows
 * @param {string} binary
 * @param {string[]} filters parts of files' names; none: the whole suite
 * @returns {boolean} whether all passed that Wine can run
 */
export function suite(node, binary, filters) {
  copy()
  const started = Date.now()
  const excluded = whole.flatMap(({ file }) => ['--exclude', file])
  const report = join(COPY, 'report.json')
  const { status, stdout, stderr } = wine(
    [
      node,
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=json',
      '--outputFile=report.json',
      ...excluded,
      ...filters
    ],
    { cwd: COPY, env: { KINESIS_AGG_BINARY: windowsPath(binary) }, timeout: 30 * 60_000 }
  )
  if (!existsSync(report)) {
    console.log(`Windows x64, Wine: the suite did not run (${status})\n${stdout}${stderr}`)
    return false
  }
  const results = JSON.parse(readFileSync(report, 'utf8'))
  const { unknown, known } = judge(results)
  const took = Math.round((Date.now() - started) / 1000)
  const { numPassedTests: passed, numPendingTests: skipped } = results
  console.log(
    `Windows x64, Wine: ${passed} tests passed, ${unknown} failed, ${known} failed as they must in Wine, ${skipped} skipped, ${whole.length} files or patterns left out, in ${took} s`
  )
  return unknown === 0 && passed > 0
}
