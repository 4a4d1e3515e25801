// Runs the test suite under the running Node.js and under each other major version that is supported.
//
//   node scripts/test-nodes.mjs [--others] [--short] [file ...]    without the running one; without what takes most of the
//                                                                  time or is much the same on each; a part of the suite
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { nodeOf } from '../bench/nodes.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const report = join(root, '.cache', 'test-nodes.json')
const { values, positionals: files } = parseArgs({
  options: { others: { type: 'boolean', default: false }, short: { type: 'boolean', default: false } },
  allowPositionals: true
})
/** What `--short` leaves out: it is slow, and much the same on each Node.js. */
const LONG = [
  // The producer for minutes, random runs, and what is on a mocked clock for long.
  '**/producer/scenarios/**',
  '**/producer/chaos.test.ts',
  '**/producer/outcomes/{entries,lanes,maps,requests}.test.ts',
  '**/lambda/attempts.test.ts',
  // The codec under hostile and random bytes; its memory and time.
  '**/robustness/{damage,faults,hostile,memory,mutation,properties}.test.ts',
  '**/aggregation/{chunking-properties,lane-encoder}.test.ts',
  '**/native/md5-paths.test.ts',
  // Processes: the command line, kinesis-local, programs of the pages.
  '**/__test__/cli/**',
  '**/lambda/end-to-end.test.ts',
  '**/__test__/docs/**',
  '**/testing/docs.test.ts',
  // What TypeScript says.
  '**/__test__/types/**'
]
const OTHERS = ['22', '24', '26']

/** The suite's outcome in one line, and in more if a test failed. */
function run(node) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
  const started = Date.now()
  rmSync(report, { force: true })
  const { status, stderr } = spawnSync(
    node,
    [
      vitest,
      'run',
      '--reporter=json',
      `--outputFile=${report}`,
      ...(values.short ? LONG.flatMap(pattern => ['--exclude', pattern]) : []),
      ...files
    ],
    { cwd: root, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] }
  )
  const took = `${Math.round((Date.now() - started) / 1000)} s`
  let results
  try {
    results = JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return { passed: false, lines: [`Node ${version}: the suite did not run (exit code ${status})`, stderr] }
  }
  const passed = status === 0 && results.success
  const lines = [
    `Node ${version}: ${passed ? 'passed' : 'FAILED'}, ${results.numPassedTests} of ${results.numTotalTests} tests in ${took}`
  ]
  for (const file of results.testResults) {
    if (file.message) lines.push(`  ${file.name}: ${file.message}`)
    for (const test of file.assertionResults.filter(one => one.status === 'failed'))
      lines.push(`  ${test.fullName}`, ...test.failureMessages.map(text => text.replace(/^/gm, '    ')))
  }
  if (!passed && lines.length === 1) lines.push(stderr)
  return { passed, lines }
}

mkdirSync(dirname(report), { recursive: true })
const outcomes = []
const isCovered = process.platform === 'linux' && process.arch === 'x64'
const nodes = values.others && isCovered ? [] : [() => process.execPath]
for (const major of OTHERS)
  if (isCovered && process.versions.node.split('.')[0] !== major) nodes.push(() => nodeOf(major))
for (const node of nodes) {
  const outcome = run(node())
  outcomes.push(outcome)
  console.log(outcome.lines.join('\n'))
}
if (!isCovered) {
  console.log(
    `Only the running Node.js was tested: the others are fetched for linux x64, and this is ${process.platform} ${process.arch}.`
  )
}
console.log(
  `${outcomes.filter(({ passed }) => passed).length} of ${outcomes.length} versions of Node.js passed`
)
process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1
