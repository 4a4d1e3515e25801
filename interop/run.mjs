// Runs this package against the programs that it has to get along with, and records what came of it.
//
//   node interop/run.mjs                 all of them, 1,000 sets each; writes results/ and docs/interop.md
//   node interop/run.mjs --only kcl      one of them
//   node interop/run.mjs --quick         100 sets each; writes nothing, and checks that
//                                        docs/interop.md is of the recorded results and of these versions
//   node interop/run.mjs --record        also writes vectors/kpl.json anew
//
// Needs Java 17 with Maven, Go, and Python 3 with venv; everything else goes into interop/.work.
import { parseArgs } from 'node:util'
import { checkPage, readResults, writePage, writeResult } from './lib/report.mjs'

const PEERS = ['kcl', 'kcl-multilang', 'kpl', 'reshards', 'java', 'go', 'python', 'node']

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, record: { type: 'boolean' } }
})
if (options.only !== undefined && !PEERS.includes(options.only)) {
  throw new Error(`--only takes one of ${PEERS.join(', ')}, not ${options.only}`)
}
const names = options.only !== undefined ? [options.only] : PEERS
const count = options.quick ? 100 : 1000

let passed = 0
let failed = 0
async function attempt(what, action) {
  const start = performance.now()
  try {
    await action()
    passed += 1
    console.log(`ok      ${what}, ${((performance.now() - start) / 1000).toFixed(1)} s`)
  } catch (error) {
    failed += 1
    console.log(`FAILED  ${what}: ${error.stack}`)
  }
}

for (const name of names) {
  await attempt(name, async () => {
    const { about, check } = await import(`./peers/${name}.mjs`)
    const checks = await check(count, { record: options.record, quick: options.quick })
    for (const { direction, cases, records } of checks) {
      console.log(`        ${about.peer} ${direction}: ${cases} cases, ${records} user records`)
    }
    if (!options.quick) writeResult(name, { ...about, checks })
    else if (readResults([name])[0].version !== about.version) {
      throw new Error(`results/${name}.json is not of version ${about.version}; run without --quick`)
    }
  })
}
await attempt('docs/interop.md', () =>
  options.quick ? checkPage(readResults(PEERS)) : failed === 0 && writePage(readResults(PEERS))
)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
