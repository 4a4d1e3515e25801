/**
 * One function in a process of its own: `node measure.mjs HANDLER EVENT ITERATIONS`. Prints milliseconds of CPU time, and
 * what the handler answered.
 */
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { spread } from '../measure.mjs'

const [file, eventFile, iterations] = process.argv.slice(2)
const require = createRequire(import.meta.url)
const text = fs.readFileSync(eventFile, 'utf8')

/** @param {() => unknown} work */
async function timed(work) {
  const start = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(start)
  return { result, ms: (user + system) / 1000 }
}

const loaded = await timed(() => require(file))
const { handler, deaggregate, codec } = /** @type {any} */ (loaded.result)
const firstEvent = JSON.parse(text)
const first = await timed(() => handler(firstEvent))
/** @type {number[]} */
const warm = []
/** @type {number[]} */
const reading = []
for (let i = 0; i < Number(iterations); i++) {
  // The runtime parses the event, before the handler.
  const event = JSON.parse(text)
  warm.push((await timed(() => handler(event))).ms)
  reading.push((await timed(() => deaggregate(event))).ms)
}
console.log(
  JSON.stringify({
    codec,
    answer: first.result,
    ms: {
      require: loaded.ms,
      first: first.ms,
      warm: spread(warm.slice(warm.length >> 1)).median,
      deaggregation: spread(reading.slice(reading.length >> 1)).median
    }
  })
)
