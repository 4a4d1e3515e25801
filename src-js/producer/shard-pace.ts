import { backoff } from './backoff'
import type { Lane } from './lane'

/** What a shard takes, by Kinesis' documentation. */
const RECORDS_A_SECOND = 1000
const BYTES_A_SECOND = 1 << 20
/** A bucket holds what the rate gives in so many seconds. */
const BURST_S = 0.25
/** A refusal leaves so much of the rate, at most once in so many milliseconds. */
const CUT = 0.7
const CUT_EVERY_MS = 250
const FLOOR = 0.005
/** The rate grows by this share of the limit a second, for each second since the last cut, … */
const GROWTH = 0.002
/** … and at most by this share a second. */
const MAX_GROWTH = 0.05
/** So long after a refusal a lane asks for little: who asks for most is refused most. */
const MODEST_MS = 10_000
const MAX_PAUSE_MS = 1000
/** A shard that has got all that it may waits so long: else each record that it may have next would be a request. */
const GATHER_MS = 10
/** Where the shards are unknown, what was sent in this time before a refusal was too much; … */
const MEASURED_MS = 1000
/** … at least this is not, in shards, … */
const MIN_MEASURED = 0.05
/** … and at so many times of it nothing is held back any more. */
const MAX_RISE = 4

/**
 * What one shard may get: two buckets, of records and of bytes, whose rate falls when Kinesis refuses and rises slowly
 * again (AIMD). Times are in milliseconds, by any clock that ascends.
 */
export class ShardPace {
  readonly shardId: string | undefined
  /** Lanes that are due, in turn. */
  readonly due: Lane[] = []
  /** Before this moment nothing is sent, since the shard refused. */
  pausedUntil = 0
  /** Share of the shard's limits that may be used; where the shards are unknown, of what was measured. */
  #limit: number
  /** Nothing is known of the limits, since there was no refusal lately: nothing is held back. */
  #isFree: boolean
  readonly #isUnknown: boolean
  /** What was sent lately: in the second that began then. */
  #sentSince = 0
  #sentRecords = 0
  #sentBytes = 0
  /** Share of the shard's limits. */
  #rate: number
  #records: number
  #bytes: number
  #at: number
  /** It had nothing left: before this moment nothing is sent. */
  #dryUntil = 0
  #cutAt = -Infinity
  #refusals = 0

  /**
   * @param rateLimit share of the shard's limits that may be used
   * @param shardId `undefined`: nobody knows the shards. Then there are limits only after a refusal, measured by it
   */
  constructor(rateLimit: number, shardId: string | undefined, now: number) {
    this.shardId = shardId
    this.#limit = rateLimit
    this.#isUnknown = this.#isFree = shardId === undefined
    this.#rate = rateLimit
    this.#at = now
    this.#records = this.#capacity(RECORDS_A_SECOND)
    this.#bytes = this.#capacity(BYTES_A_SECOND)
  }

  /** Another share of the shard's limits may be used from now on. A rate that was cut stays, if it is not above that. */
  limitTo(rateLimit: number, now: number): void {
    if (this.#isUnknown || rateLimit === this.#limit) return
    this.#refill(now)
    this.#rate = this.#rate < this.#limit ? Math.min(this.#rate, rateLimit) : rateLimit
    this.#limit = rateLimit
    this.#dryUntil = 0
    // Without a limit a bucket does not fill little by little.
    const filled = rateLimit === Infinity ? Infinity : 0
    this.#records = Math.min(this.#records + filled, this.#capacity(RECORDS_A_SECOND))
    this.#bytes = Math.min(this.#bytes + filled, this.#capacity(BYTES_A_SECOND))
  }

  get ratePerSecond(): number {
    return this.#rate * RECORDS_A_SECOND
  }

  /** Whether it has refused without accepting since, or just now: records that may go elsewhere should. */
  isTroubled(now: number): boolean {
    return this.#refusals > 0 || this.pausedUntil > now
  }

  /** Whether it has refused lately. */
  isModest(now: number): boolean {
    return now - this.#cutAt < MODEST_MS
  }

  /** Bytes that a record may have now: at least `wanted`, if that may be sent at all; 0 if not. */
  allowance(wanted: number, now: number): number {
    if (this.pausedUntil > now) return 0
    if (this.#isFree) return Infinity
    if (this.#dryUntil > now) return 0
    this.#refill(now)
    const enough = Math.min(wanted, this.#capacity(BYTES_A_SECOND))
    if (this.#records >= Math.min(1, this.#capacity(RECORDS_A_SECOND)) && this.#bytes >= enough)
      return Math.max(wanted, this.#bytes)
    this.#dryUntil = now + GATHER_MS
    return 0
  }

  /** When {@link allowance} gives so much. */
  readyAt(wanted: number, now: number): number {
    if (this.#isFree) return this.pausedUntil
    this.#refill(now)
    const missing = (limit: number, there: number, needed: number): number =>
      (Math.max(0, Math.min(needed, this.#capacity(limit)) - there) / (limit * this.#rate)) * 1000
    const wait = Math.max(
      missing(RECORDS_A_SECOND, this.#records, 1),
      missing(BYTES_A_SECOND, this.#bytes, wanted)
    )
    return Math.max(this.pausedUntil, this.#dryUntil, now + wait)
  }

  /** A Kinesis record leaves. A large one leaves a debt. */
  take(bytes: number, now: number): void {
    this.#records--
    this.#bytes -= bytes
    if (!this.#isUnknown) return
    if (now - this.#sentSince > MEASURED_MS) {
      this.#sentSince = now
      this.#sentRecords = this.#sentBytes = 0
    }
    this.#sentRecords++
    this.#sentBytes += bytes
  }

  accepted(): void {
    this.#refusals = 0
  }

  /**
   * Kinesis refused records of this shard in an answer, however many.
   *
   * @returns whether the rate was cut
   */
  refused(now: number): boolean {
    // Others that were in flight at the same time say nothing new.
    if (now >= this.pausedUntil) this.pausedUntil = now + backoff(this.#refusals++, MAX_PAUSE_MS)
    if (now - this.#cutAt < CUT_EVERY_MS) return false
    if (this.#isFree) this.#measure(now)
    else this.#refill(now)
    this.#rate = Math.max(this.#rate * CUT, this.#limit * FLOOR)
    this.#cutAt = now
    this.#records = Math.min(this.#records, this.#capacity(RECORDS_A_SECOND))
    this.#bytes = Math.min(this.#bytes, this.#capacity(BYTES_A_SECOND))
    return true
  }

  /** Too much was what was sent in the last second. */
  #measure(now: number): void {
    const seconds = Math.max(0.1, (now - this.#sentSince) / 1000)
    this.#rate = Math.max(
      MIN_MEASURED,
      this.#sentRecords / seconds / RECORDS_A_SECOND,
      this.#sentBytes / seconds / BYTES_A_SECOND
    )
    this.#limit = this.#rate * MAX_RISE
    this.#isFree = false
    this.#at = now
    this.#records = this.#capacity(RECORDS_A_SECOND)
    this.#bytes = this.#capacity(BYTES_A_SECOND)
  }

  #capacity(limit: number): number {
    return limit * this.#rate * BURST_S
  }

  #refill(now: number): void {
    const seconds = (now - this.#at) / 1000
    if (seconds <= 0) return
    this.#at = now
    if (this.#rate < this.#limit) {
      const since = Math.max(0, (now - this.#cutAt) / 1000)
      this.#rate = Math.min(
        this.#limit,
        this.#rate + this.#limit * Math.min(MAX_GROWTH, GROWTH * since) * seconds
      )
    } else if (this.#isUnknown) this.#isFree = true
    this.#records = Math.min(
      Math.max(1, this.#capacity(RECORDS_A_SECOND)),
      this.#records + seconds * RECORDS_A_SECOND * this.#rate
    )
    this.#bytes = Math.min(
      this.#capacity(BYTES_A_SECOND),
      this.#bytes + seconds * BYTES_A_SECOND * this.#rate
    )
  }
}
