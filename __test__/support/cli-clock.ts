import type { Clock } from '../../src-js/cli/clock'

/** A clock that only sleeping advances. */
export class FakeClock implements Clock {
  readonly slept: number[] = []
  #now: number

  constructor(now = 0) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  async sleep(ms: number): Promise<void> {
    this.slept.push(ms)
    this.#now += ms
  }

  advance(ms: number): void {
    this.#now += ms
  }
}
