import type { Clock } from './clock'

const ENOUGH = 50

/** Notices `await put` in a loop, in which each record pays linger and a round trip. */
export class SequentialPuts {
  readonly #clock: Clock
  readonly #found: () => void
  #inARow = 0
  #justSettled = false
  #isFound = false

  constructor(clock: Clock, found: () => void) {
    this.#clock = clock
    this.#found = found
  }

  /** A record is put. @param isEmpty nothing is pending */
  put(isEmpty: boolean): void {
    if (this.#isFound) return
    if (!isEmpty) {
      this.#inARow = 0
      return
    }
    this.#inARow = this.#justSettled ? this.#inARow + 1 : 1
    if (this.#inARow < ENOUGH) return
    this.#isFound = true
    this.#found()
  }

  /** The last pending record is settled. */
  empty(): void {
    if (this.#isFound || this.#inARow === 0) return
    this.#justSettled = true
    this.#clock.nextTurn(() => {
      this.#justSettled = false
    })
  }
}
