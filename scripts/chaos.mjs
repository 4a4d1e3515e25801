// Random faults of all kinds against the producer, over loopback, in real time: `npm run chaos -- --seed 7 --minutes 2`.
// Each round has a seed of its own and a judge at its end; a round that breaks a promise prints its seed. The producer
// runs in a process of its own, which is stopped now and then. `--out FILE` keeps the figures as JSON.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import os from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { bundleSupport } from './test-support.mjs'

/** From here on memory must not grow: code is compiled, caches are full. */
const WARM_MS = 120_000
const GROWTH_BYTES = 5 << 20

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    minutes: { type: 'string', default: '2' },
    round: { type: 'string', default: '20' },
    out: { type: 'string' },
    verbose: { type: 'boolean', default: false }
  }
})
const roundMs = Number(values.round) * 1000

const { LATEST_MS, STEP_MS, Endpoint, Sky } = await import(pathToFileURL(await bundleSupport('chaos')).href)
const child = fork(await bundleSupport('chaos-child'), {
  execArgv: ['--expose-gc'],
  serialization: 'advanced'
})
let ended = false
child.once('exit', (code, signal) => {
  if (ended) return
  console.error(`the producer's process ended: ${code ?? signal}`)
  process.exit(1)
})
// No stopped process is left behind.
process.on('exit', () => child.kill('SIGKILL'))

/** @param {number} seed */
async function round(seed) {
  const endpoint = new Endpoint()
  const { url } = await endpoint.listen()
  const start = performance.now()
  const elapsed = () => performance.now() - start
  const log = what => {
    if (values.verbose) console.log(`${Math.round(elapsed())} ms: ${what}`)
  }
  let going
  const sky = new Sky(seed, endpoint, {
    log,
    // Half of the connections end while the process cannot see it.
    stop: ms => {
      child.kill('SIGSTOP')
      setTimeout(() => endpoint.closeHalf(), ms / 2)
      going = Promise.all([going, sleep(ms)]).then(() => child.kill('SIGCONT'))
    }
  })
  child.send({ seed, url })
  try {
    while (elapsed() < roundMs) {
      sky.weather.at(elapsed())
      await sleep(STEP_MS)
    }
    await going
    log('calm')
    sky.weather.calm()
    const told = once(child, 'message')
    child.send('calm')
    const [{ entries, error, heapBytes, handles }] = await told
    await sleep(LATEST_MS)
    const result = sky.report({ entries })
    if (error !== undefined) result.violations.unshift(error)
    return { ...result, heapBytes, handles }
  } finally {
    await endpoint.stop()
  }
}

const begin = Date.now()
const end = begin + Number(values.minutes) * 60_000
const total = { rounds: 0, accepted: 0, fulfilled: 0, rejected: 0, repeated: 0, requests: 0, broken: [] }
const first = Number(values.seed)
/** What the producer's process held after each round. */
const left = []
for (let seed = first; Date.now() < end; seed++) {
  const result = await round(seed)
  const { violations, evidence, options, accepted, fulfilled, codes, repeated, calls } = result
  total.rounds++
  total.accepted += accepted
  total.fulfilled += fulfilled
  total.rejected += accepted - fulfilled
  total.repeated += repeated
  total.requests += calls.PutRecords ?? 0
  left.push({ ms: Date.now() - begin, heapBytes: result.heapBytes, handles: result.handles })
  const heap = `${(result.heapBytes / 2 ** 20).toFixed(1)} MiB, ${result.handles} handles`
  console.log(
    `seed ${seed}: ${accepted} accepted, ${fulfilled} fulfilled, ${repeated} repeated; ${heap}`,
    codes
  )
  if (violations.length > 0) {
    total.broken.push(seed)
    console.error(`seed ${seed} broke ${violations.length} promises`, options)
    console.error(violations.slice(0, 10).join('\n'))
    console.error(evidence)
  }
}
ended = true
child.disconnect()

const warm = left.find(({ ms }) => ms >= WARM_MS) ?? left[Math.min(1, left.length - 1)]
const last = left[left.length - 1]
const growth = { heapBytes: last.heapBytes - warm.heapBytes, handles: last.handles - warm.handles }
const flat = growth.heapBytes <= GROWTH_BYTES && growth.handles <= 0
if (!flat) console.error('the process keeps more and more', left)
const seeds = { first, last: first + total.rounds - 1 }
console.log({ seeds, ...total, growth })
if (values.out !== undefined) {
  const machine = { node: process.version, cpu: os.cpus()[0]?.model, cores: os.cpus().length }
  const minutes = Math.round((Date.now() - begin) / 60_000)
  const date = new Date().toISOString()
  const figures = { date, ...machine, minutes, roundSeconds: roundMs / 1000, seeds, ...total, growth }
  await writeFile(values.out, `${JSON.stringify(figures, undefined, 2)}\n`)
}
process.exitCode = total.broken.length > 0 || !flat ? 1 : 0
