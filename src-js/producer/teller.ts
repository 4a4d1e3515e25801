import type { Clock } from './clock'

/** Something to tell the caller, so many times. */
interface News {
  count: number
  next: number
  tell(i: number): void
}

/** So many are told in one turn of the event loop, so that a mass failure does not block it. */
const A_TURN = 1000

/**
 * Calls what belongs to users, in order, never amid the producer's work: listeners and callbacks may put, write or close.
 * What they throw is thrown again where nobody else is harmed.
 */
export class Teller {
  readonly #clock: Clock
  readonly #news: News[] = []
  readonly #told: () => void
  #left = A_TURN
  #isScheduled = false

  /** @param told called when everything is told */
  constructor(clock: Clock, told: () => void = () => {}) {
    this.#clock = clock
    this.#told = told
  }

  get isIdle(): boolean {
    return this.#news.length === 0
  }

  push(count: number, tell: (i: number) => void): void {
    if (count === 0) return
    this.#news.push({ count, next: 0, tell })
    if (this.#isScheduled) return
    this.#isScheduled = true
    if (this.#left > 0) queueMicrotask(this.#run)
    else this.#runLater()
  }

  #runLater(): void {
    this.#clock.nextTurn(() => {
      this.#left = A_TURN
      this.#run()
    })
  }

  readonly #run = (): void => {
    while (this.#news.length > 0 && this.#left > 0) {
      const [news] = this.#news as [News]
      const i = news.next++
      if (news.next === news.count) this.#news.shift()
      this.#left--
      safely(() => news.tell(i))
    }
    this.#isScheduled = this.#news.length > 0
    if (this.#isScheduled) this.#runLater()
    else {
      // The next turn may tell as much again.
      if (this.#left < A_TURN / 2) this.#clock.nextTurn(() => (this.#left = A_TURN))
      this.#told()
    }
  }
}

/** Calls, and throws what it throws in a microtask of its own. */
export function safely(call: () => void): void {
  try {
    call()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
