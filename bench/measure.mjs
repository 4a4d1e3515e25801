/**
 * Paired timing of several functions in one process.
 *
 * A page of its own, since neither mitata nor tinybench can do what a noisy shared machine needs: they time one function
 * after the other, by the wall clock. Here every round times each function once, in an order that rotates, so that
 * whatever slows the machine down slows all of them; a ratio is taken within each round, and the median of those ratios
 * is the result. Time is CPU time of the process (user and system, garbage collector's threads included), in samples
 * long enough for its microsecond resolution; the wall clock is noted beside it.
 */
import vm from 'node:vm'
import v8 from 'node:v8'

/**
 * @typedef {() => unknown} Work one iteration; a promise is awaited
 *
 * @typedef {object} Spread
 * @property {number} median
 * @property {number} q1
 * @property {number} q3
 * @property {number} best
 *
 * @typedef {object} Timing nanoseconds of one iteration
 * @property {number} iterations of one sample
 * @property {Spread} cpu
 * @property {Spread} wall
 * @property {number[]} cpuRounds
 *
 * @typedef {object} MeasureOptions
 * @property {number} [rounds]
 * @property {number} [sampleMs] least CPU time of one sample
 * @property {number} [leastIterations] of one sample: with fewer, a collection of old garbage falls on whoever comes next
 * @property {number} [warmupMs] of each function
 * @property {number} [maxMs] rounds are cut down (to 7 at least, if there are so many) so that all of them take no longer than about this
 */

v8.setFlagsFromString('--expose-gc')
const gc = /** @type {(options: { type: 'minor' }) => void} */ (vm.runInNewContext('gc'))

/**
 * Nobody pays for another's garbage. A full collection here would be unfair: it drops hidden classes that no object has
 * at that moment, with them the peer's compiled code, and makes the peer two to four times slower than it is in use.
 */
function collectYoungGarbage() {
  gc({ type: 'minor' })
}

/**
 * The value that a fraction of the values lie below, between neighbours by proportion.
 * @param {readonly number[]} sorted
 * @param {number} fraction
 */
function quantile(sorted, fraction) {
  const at = (sorted.length - 1) * fraction
  const low = Math.floor(at)
  const high = Math.ceil(at)
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low)
}

/**
 * @param {readonly number[]} values
 * @returns {Spread}
 */
export function spread(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return {
    median: quantile(sorted, 0.5),
    q1: quantile(sorted, 0.25),
    q3: quantile(sorted, 0.75),
    best: sorted[0]
  }
}

/**
 * How many times `ours` the time of `theirs` is: the median of each round's ratio, quartiles, and the ratio of the bests.
 * @param {Timing} theirs
 * @param {Timing} ours
 */
export function ratio(theirs, ours) {
  const { median, q1, q3 } = spread(theirs.cpuRounds.map((time, round) => time / ours.cpuRounds[round]))
  return { median, q1, q3, best: theirs.cpu.best / ours.cpu.best }
}

/**
 * CPU and wall time of `iterations` calls, in nanoseconds.
 * @param {Work} work
 * @param {number} iterations
 */
async function sample(work, iterations) {
  const wallStart = process.hrtime.bigint()
  const cpuStart = process.cpuUsage()
  for (let i = 0; i < iterations; i++) {
    const result = work()
    if (result instanceof Promise) await result
  }
  const cpu = process.cpuUsage(cpuStart)
  const wall = Number(process.hrtime.bigint() - wallStart)
  return { cpu: (cpu.user + cpu.system) * 1000, wall }
}

/**
 * Runs `work` for `warmupMs`, gives the iterations that a sample of `sampleMs` needs.
 * @param {Work} work
 * @param {{ sampleMs: number, leastIterations: number, warmupMs: number }} options
 */
async function calibrate(work, { sampleMs, leastIterations, warmupMs }) {
  let iterations = 1
  let spent = 0
  for (;;) {
    const { cpu, wall } = await sample(work, iterations)
    spent += Math.max(cpu, wall) / 1e6
    const each = Math.max(cpu, 1000) / iterations
    const wanted = Math.max(leastIterations, Math.ceil((sampleMs * 1e6) / each))
    if (spent >= warmupMs && cpu >= sampleMs * 0.5e6) return { iterations: wanted, each }
    iterations = Math.min(wanted, iterations * 4)
  }
}

/**
 * @template {string} Name
 * @param {Partial<Record<Name, Work>>} contenders
 * @param {MeasureOptions} [options]
 * @returns {Promise<Record<Name, Timing>>}
 */
export async function measure(contenders, options = {}) {
  const { rounds = 15, sampleMs = 30, leastIterations = 5, warmupMs = 150, maxMs = 10_000 } = options
  const names = /** @type {Name[]} */ (Object.keys(contenders))
  const works = names.map(name => /** @type {Work} */ (contenders[name]))
  /** @type {number[]} */
  const iterations = []
  let roundMs = 0
  for (const work of works) {
    const found = await calibrate(work, { sampleMs, leastIterations, warmupMs })
    iterations.push(found.iterations)
    roundMs += (found.iterations * found.each) / 1e6
  }
  const count = Math.max(Math.min(rounds, 7), Math.min(rounds, Math.floor(maxMs / roundMs)))
  const cpu = names.map(() => /** @type {number[]} */ ([]))
  const wall = names.map(() => /** @type {number[]} */ ([]))
  for (let round = 0; round < count; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      // Every second round runs backwards, or each would always follow the same other.
      const step = round % 2 === 0 ? turn : names.length - 1 - turn
      const who = (round + step) % names.length
      collectYoungGarbage()
      const taken = await sample(works[who], iterations[who])
      cpu[who].push(taken.cpu / iterations[who])
      wall[who].push(taken.wall / iterations[who])
    }
  }
  return /** @type {Record<Name, Timing>} */ (
    Object.fromEntries(
      names.map((name, who) => [
        name,
        {
          iterations: iterations[who],
          cpu: spread(cpu[who]),
          wall: spread(wall[who]),
          cpuRounds: cpu[who].map(Math.round)
        }
      ])
    )
  )
}
