/** Time as a producer sees it; tests pass in their own. */
export interface Clock {
  /** Milliseconds, monotone. */
  now(): number
  setTimeout(action: () => void, ms: number): TimerHandle
  clearTimeout(handle: TimerHandle): void
  /** Calls in a later turn of the event loop, when what waits in the sockets has been read. */
  nextTurn(action: () => void): void
}

export interface TimerHandle {
  ref?(): unknown
  unref?(): unknown
}

/** Looks the globals up at each call, so that users may mock them. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (action, ms) => setTimeout(action, ms),
  clearTimeout: handle => clearTimeout(handle as NodeJS.Timeout),
  nextTurn: action => void setImmediate(action)
}

/** Node.js takes a longer time for 1 ms. */
const MAX_TIMEOUT = 2 ** 31 - 1

/** One timer that is set again and again. It never fires early, nor for durations that Node.js cannot hold. */
export class Timer {
  readonly #clock: Clock
  readonly #action: () => void
  readonly #held: boolean
  #handle: TimerHandle | undefined
  #at = Infinity

  /** @param held the process stays alive for it */
  constructor(clock: Clock, action: () => void, held = true) {
    this.#clock = clock
    this.#action = action
    this.#held = held
  }

  /** When it fires, by the clock; `Infinity` if it is not set. */
  get at(): number {
    return this.#at
  }

  /** Sets it for a moment, whatever it was set for before. `Infinity` clears it. */
  set(at: number): void {
    if (at === this.#at) return
    this.clear()
    if (at === Infinity) return
    this.#at = at
    this.#arm()
  }

  /** Sets it unless it fires earlier anyway. */
  setBy(at: number): void {
    if (at < this.#at) this.set(at)
  }

  clear(): void {
    if (this.#handle !== undefined) this.#clock.clearTimeout(this.#handle)
    this.#handle = undefined
    this.#at = Infinity
  }

  #arm(): void {
    const left = Math.ceil(this.#at - this.#clock.now())
    this.#handle = this.#clock.setTimeout(this.#fire, Math.min(Math.max(left, 0), MAX_TIMEOUT))
    if (!this.#held) this.#handle.unref?.()
  }

  readonly #fire = (): void => {
    this.#handle = undefined
    if (this.#clock.now() < this.#at) {
      this.#arm()
      return
    }
    this.#at = Infinity
    this.#action()
  }
}

/** Longer gaps between two looks at the clock are a frozen process or a blocked event loop. */
const MAX_GAP = 250
const BEAT = 100

/**
 * Time in which the event loop ran. While it is started a timer looks at the clock, which also keeps the process alive.
 */
export class RunningTime {
  readonly #clock: Clock
  readonly #beat: Timer
  #lost = 0
  #seen: number
  #started = false
  #fresh = false
  #coarse = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#seen = clock.now()
    this.#beat = new Timer(clock, () => {
      this.now()
      this.#beat.set(this.#seen + BEAT)
    })
  }

  now(): number {
    const now = this.#clock.now()
    if (this.#started && now - this.#seen > MAX_GAP) this.#lost += now - this.#seen
    this.#seen = now
    return now - this.#lost
  }

  /** The same, but read once in a run of the event loop's microtasks: records that are put together are of one age. */
  coarse(): number {
    if (this.#fresh) return this.#coarse
    this.#fresh = true
    queueMicrotask(this.#stale)
    return (this.#coarse = this.now())
  }

  readonly #stale = (): void => {
    this.#fresh = false
  }

  start(): void {
    if (this.#started) return
    this.#seen = this.#clock.now()
    this.#started = true
    this.#beat.set(this.#seen + BEAT)
  }

  stop(): void {
    this.#started = false
    this.#beat.clear()
  }
}
