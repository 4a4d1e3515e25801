import type { PutErrorCode } from './errors'

/** Probes come so long after the circuit opened, … */
const PROBES_MS = [200, 500, 1000, 2000, 4000]
/** … then each time twice as late, and so far apart at most. */
const MAX_GAP_MS = 5000

/**
 * Opens when no request of a stream gets through, for a reason that does not go away by itself (no permission, no such
 * stream). Then single records probe; after a grace all pending records fail, and later ones at once, but for a probe
 * now and then.
 */
export class StreamCircuit {
  readonly #graceMs: number
  #openedAt = 0
  #probes = 0
  #nextProbe = 0
  #cause: unknown
  #code: PutErrorCode = 'ERR_ACCESS_DENIED'
  #open = false
  #failing = false

  constructor(graceMs: number) {
    this.#graceMs = graceMs
  }

  /** Requests do not get through: only probes may leave. */
  get isOpen(): boolean {
    return this.#open
  }

  /** The grace is over: records fail at once. */
  get isFailing(): boolean {
    return this.#failing
  }

  get cause(): unknown {
    return this.#cause
  }

  get code(): PutErrorCode {
    return this.#code
  }

  /** When the next probe may leave. */
  get nextProbe(): number {
    return this.#nextProbe
  }

  /** When the grace ends; `Infinity` while closed and afterwards. */
  get graceEnd(): number {
    return this.#open && !this.#failing ? this.#openedAt + this.#graceMs : Infinity
  }

  /** A request failed for such a reason. */
  failed(code: PutErrorCode, cause: unknown, now: number): void {
    this.#code = code
    this.#cause = cause
    if (!this.#open) {
      this.#open = true
      this.#openedAt = now
      this.#probes = 0
    } else if (now < this.#nextProbe) return // It was sent before the circuit opened.
    const planned = PROBES_MS[this.#probes]
    this.#probes++
    this.#nextProbe =
      this.#failing || planned === undefined
        ? now + Math.min(MAX_GAP_MS, this.#failing ? MAX_GAP_MS : now - this.#openedAt)
        : Math.max(this.#openedAt + planned, now)
  }

  /** The grace is over. */
  fail(now: number): void {
    this.#failing = true
    this.#nextProbe = now + MAX_GAP_MS
  }

  succeeded(): void {
    this.#open = this.#failing = false
  }
}
