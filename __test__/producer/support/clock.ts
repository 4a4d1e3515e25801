/** Mocked time for the producer: timers and `performance.now()`. Sockets, promises and setImmediate stay real. */
import { vi } from 'vitest'

const realImmediate = setImmediate

/** Turns of the loop that a call of the SDK may take; what takes longer waits for something else than the loop. */
const MAX_TURNS = 40

/** Real milliseconds beyond that, for all of a test: the first call of the SDK reads files, which a busy machine delays. */
const PATIENCE_MS = 500

const turn = (): Promise<void> => new Promise(resolve => realImmediate(resolve))

export class Clock {
  #now = 0
  #patience = PATIENCE_MS
  readonly #inTransit: () => number

  /** @param inTransit how many calls are on their way inside the process; no time passes before they have arrived */
  constructor(inTransit: () => number = () => 0) {
    this.#inTransit = inTransit
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
    for (let i = 0; i < 3 || (this.#inTransit() > 0 && i < MAX_TURNS); i++) await turn()
    const start = process.hrtime.bigint()
    const left = this.#patience
    while (this.#inTransit() > 0 && this.#patience > 0) {
      await turn()
      this.#patience = left - Number(process.hrtime.bigint() - start) / 1e6
    }
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
