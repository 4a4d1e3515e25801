const MIB = 1 << 20
const FIRST_BYTES = MIB
const MAX_BYTES = 5 * MIB
/** A thin link is given no less, … */
const MIN_BYTES = 20_000
/** … and whoever refuses large requests no less than this. */
const MIN_ALLOWED_BYTES = 1000
const BYTES_A_SECOND = 256 * 1024
const MAX_TIME_MS = 30_000
const GROWTH = 1.1

/**
 * How large the requests of a stream may be, how many may be in flight, and how long each may take. Time-outs and
 * refusals narrow it; successes widen it little by little: at once would be a livelock on a thin link.
 */
export class RequestLimits {
  readonly #timeoutMs: number
  readonly #maxInFlight: number
  #bytes = FIRST_BYTES
  #patience = 1
  #inFlight: number
  /** After a refusal: so many at that moment, and one more with each second. */
  #refusedTo: number
  #refusedAt = 0

  constructor(timeoutMs: number, maxInFlight: number) {
    this.#timeoutMs = timeoutMs
    this.#maxInFlight = this.#inFlight = this.#refusedTo = maxInFlight
  }

  /** Bytes of a request. */
  get bytes(): number {
    return this.#bytes
  }

  /** Requests in flight. */
  inFlight(now: number): number {
    const regained = Math.floor((now - this.#refusedAt) / 1000)
    return Math.min(this.#inFlight, this.#refusedTo + regained)
  }

  /** Milliseconds that a request of so many bytes may take. */
  timeFor(bytes: number): number {
    const plain = this.#timeoutMs + (bytes / BYTES_A_SECOND) * 1000
    return Math.min(plain * this.#patience, Math.max(plain, MAX_TIME_MS))
  }

  /** @param inFlight requests, the one that timed out included */
  timedOut(bytes: number, inFlight: number): void {
    this.#patience = Math.min(this.#patience * 2, Math.max(1, MAX_TIME_MS / this.#timeoutMs))
    this.#bytes = Math.max(Math.min(MIN_BYTES, this.#bytes), Math.min(this.#bytes, bytes) / 2)
    this.#inFlight = Math.max(1, Math.floor(Math.min(this.#inFlight, inFlight) / 2))
  }

  /** @param inFlight requests, the refused one included */
  throttled(inFlight: number, now: number): void {
    this.#refusedTo = Math.max(1, Math.floor(Math.min(this.inFlight(now), inFlight) / 2))
    this.#refusedAt = now
  }

  /** Somebody on the way takes no request of so many bytes. */
  tooLarge(bytes: number): void {
    this.#bytes = Math.max(MIN_ALLOWED_BYTES, Math.min(this.#bytes, bytes) / 2)
  }

  succeeded(): void {
    this.#bytes = Math.min(MAX_BYTES, this.#bytes * GROWTH)
    this.#patience = Math.max(1, this.#patience * 0.9)
    this.#inFlight = Math.min(this.#maxInFlight, this.#inFlight + 1)
  }
}
