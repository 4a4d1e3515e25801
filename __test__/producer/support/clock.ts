/** Mocked time for the producer: timers and `performance.now()`. Sockets, promises and setImmediate stay real. */
import { vi } from 'vitest'

const realImmediate = setImmediate

/** Turns of the loop that a call of the SDK may take; what takes longer waits for something else than the loop. */
const MAX_TURNS = 40

/** Real milliseconds beyond that for the first call to arrive: for it the SDK reads files, which a busy machine delays. */
const PATIENCE_AT_FIRST_MS = 30_000

/** And those for all later calls of a test together. */
const PATIENCE_MS = 500

/** The calls of clients inside the process. */
interface Traffic {
  /** How many are on their way; no time passes before they have arrived. */
  readonly inTransit: number
  /** Those that have arrived. */
  readonly calls: readonly unknown[]
}

const turn = (): Promise<void> => new Promise(resolve => realImmediate(resolve))

export class Clock {
  #now = 0
  #patience = PATIENCE_MS
  readonly #traffic: Traffic

  constructor(traffic: Traffic = { inTransit: 0, calls: [] }) {
    this.#traffic = traffic
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance']
    })
    // No process makes a producer at the very beginning of its time.
    vi.advanceTimersByTime(60_000)
  }

  /** Milliseconds that were run so far. */
  get now(): number {
    return this.#now
  }

  /** Lets time pass, in steps that no one takes for a frozen process. */
  async run(ms: number, step = 5): Promise<void> {
    await this.#settle()
    for (let left = ms; left > 0; left -= step) {
      const next = Math.min(step, left)
      this.#now += next
      await vi.advanceTimersByTimeAsync(next)
      await this.#settle()
    }
  }

  /** Lets time pass until the condition holds. @throws Error if it does not within `ms` */
  async until(condition: () => boolean, ms = 60_000): Promise<void> {
    await this.#settle()
    const end = this.#now + ms
    while (!condition()) {
      if (this.#now >= end) throw new Error(`not within ${ms} ms: ${condition}`)
      await this.run(5)
    }
  }

  /** Lets what is ready run. */
  async #settle(): Promise<void> {
    for (let i = 0; i < 3 || (this.#traffic.inTransit > 0 && i < MAX_TURNS); i++) await turn()
    const isFirst = this.#traffic.calls.length === 0
    const patience = isFirst ? PATIENCE_AT_FIRST_MS : this.#patience
    const start = process.hrtime.bigint()
    let waited = 0
    while (this.#traffic.inTransit > 0 && waited < patience) {
      await turn()
      waited = Number(process.hrtime.bigint() - start) / 1e6
    }
    if (!isFirst) this.#patience -= waited
  }

  stop(): void {
    vi.useRealTimers()
  }
}

/** Waits in real time until the condition holds. */
export async function until(condition: () => boolean, ms = 10_000): Promise<void> {
  const end = Date.now() + ms
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${condition}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
