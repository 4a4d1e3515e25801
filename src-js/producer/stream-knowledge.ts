import { about } from './backoff'
import type { Clock } from './clock'
import type { Distribution } from './distribution'
import { DeniedError, describeStream, listShards } from './listing'
import { isDenial, judgeError } from './outcome'
import { Refresher } from './refresher'
import type { SdkCalls, StreamId } from './sdk-calls'
import type { AwaitedShard, StreamShards } from './stream-shards'

const MAP_AGE_MS = 5 * 60_000
const SUMMARY_AGE_MS = 10 * 60_000
/** The first map is waited for so long. */
const MAX_WAIT_MS = 1000
/** Pauses between listings while an answer waits for one. */
const HELD_FIRST_MS = 100
const HELD_MAX_MS = 5000

/** What became of the map: the first one, another one (since an answer surprised, or after a time), or none any more. */
export type MapChange = 'first' | 'changed' | 'interval' | 'same' | 'none'

export interface KnowledgeParts {
  calls: SdkCalls
  clock: Clock
  id: StreamId
  timeoutMs: number
  shards: StreamShards
  distribution: Distribution
  /** Whether shards are of use: records are aggregated per shard, or paced. */
  needsMap(): boolean
  /** Answers that wait for a listing. */
  held: Iterable<AwaitedShard> & { readonly size: number }
  /** There is a new map, or none any more; or records find their lanes in another way. */
  changed(reason: MapChange): void
  /** A good listing or summary came, whatever it changed: answers that wait may be judged. */
  listed(): void
  /** Kinesis was found out to distribute the records. */
  foundAuto(): void
  maxRecordBytes(bytes: number): void
  notFound(error: unknown): void
  warn(code: string, message: string): void
  /** Something is known that was not, or a fetch failed: to be looked at. */
  wake(): void
}

/** What is known of a stream, and what is asked to know it: its shards, and who distributes its records. */
export class StreamKnowledge {
  mapDenied = false
  summaryDenied = false
  /** The last error of a listing or a summary. */
  error: unknown
  readonly #parts: KnowledgeParts
  readonly #map: Refresher
  readonly #summary: Refresher
  #controller = new AbortController()
  #askedAt: number | undefined
  #mapUntil = Infinity
  #summaryUntil = Infinity
  #heldTries = 0
  #mapTaken = false
  /** The map is asked for since it is old, not since an answer surprised. */
  #isInterval = false

  constructor(parts: KnowledgeParts) {
    this.#parts = parts
    const now = (): number => parts.clock.now()
    this.#map = new Refresher(
      now,
      () => this.#fetchMap(),
      parts.wake,
      () => this.#heldDelay()
    )
    this.#summary = new Refresher(
      now,
      () => this.#fetchSummary(),
      parts.wake,
      () => this.#heldDelay()
    )
  }

  /** Whether it is known how records find their lanes, or enough time was spent to find out. */
  isReady(now: number): boolean {
    return this.isKnown || (this.#askedAt !== undefined && now >= this.#askedAt + MAX_WAIT_MS)
  }

  get isKnown(): boolean {
    const { needsMap, shards, distribution } = this.#parts
    if (distribution.isAuto) return true
    return needsMap()
      ? shards.map !== undefined || this.mapDenied
      : distribution.isByKey || this.summaryDenied
  }

  /** When {@link isReady} changes by itself. */
  get readyAt(): number {
    return this.#askedAt === undefined ? Infinity : this.#askedAt + MAX_WAIT_MS
  }

  /** When {@link run} has something to do. */
  get nextAt(): number {
    if (this.#askedAt === undefined) return 0
    return Math.min(this.#parts.needsMap() ? this.#map.nextAt : Infinity, this.#summary.nextAt)
  }

  get isFetching(): boolean {
    return this.#map.isFetching || this.#summary.isFetching
  }

  wantMap(): void {
    if (this.#parts.needsMap() && !this.mapDenied) this.#map.want(this.#parts.held.size > 0)
  }

  wantSummary(): void {
    this.#summary.want(true)
  }

  /** An answer begins to wait. */
  held(): void {
    if (this.#parts.held.size <= 1) this.#heldTries = 0
    this.wantMap()
  }

  /** To be called while there is traffic. */
  run(now: number): void {
    if (this.#askedAt === undefined) this.#ask(now)
    if (now >= this.#mapUntil) {
      this.#mapUntil = Infinity
      this.#isInterval = true
      this.#map.wantNow()
    }
    if (now >= this.#summaryUntil) {
      this.#summaryUntil = Infinity
      this.#summary.wantNow()
    }
    if (this.#parts.needsMap()) this.#map.run(now)
    this.#summary.run(now)
  }

  /** Asks for what is of use, and not known. */
  #ask(now: number): void {
    const { needsMap, shards, distribution } = this.#parts
    this.#askedAt = now
    if (needsMap() && !distribution.isAuto && shards.map === undefined) this.#map.wantNow()
    const isSummaryOfUse = !distribution.isTold || needsMap()
    if (isSummaryOfUse && distribution.describedAt === -Infinity) this.#summary.wantNow()
  }

  /** Other options hold: with the next traffic what they need is asked for, and waited for as at the first time. */
  optionsChanged(): void {
    this.#askedAt = undefined
  }

  /** Nobody needs what is being asked for any more. */
  stop(): void {
    this.#controller.abort()
    this.#controller = new AbortController()
  }

  /** The stream is gone: the next one is asked for as the first one was. */
  forgetShards(): void {
    const { shards, clock, changed } = this.#parts
    if (shards.map === undefined) return
    shards.forget()
    this.#askedAt = clock.now()
    this.#map.wantNow()
    changed('none')
  }

  #heldDelay(): number | undefined {
    if (this.#parts.held.size === 0) return undefined
    return Math.min(HELD_MAX_MS, HELD_FIRST_MS * 2 ** this.#heldTries++)
  }

  async #fetchMap(): Promise<boolean> {
    const { calls, clock, id, timeoutMs, shards, held, listed, changed, distribution, foundAuto } =
      this.#parts
    const begun = clock.now()
    const { life } = shards
    // Closed shards give ranges, though no record goes there.
    const withClosed = held.size > 0
    try {
      const listing = await listShards(calls, clock, id, withClosed, timeoutMs, this.#controller.signal)
      const isFirst = !this.#mapTaken
      const change = shards.take(listing, begun, life, withClosed ? held : [])
      this.#mapTaken = true
      this.mapDenied = false
      this.#mapUntil = clock.now() + about(MAP_AGE_MS)
      const isInterval = this.#isInterval && change === 'changed'
      this.#isInterval = false
      changed(isInterval ? 'interval' : change === 'first' && !isFirst ? 'changed' : change)
      if (distribution.judge(shards.listedAt, shardId => shards.shard(shardId))) foundAuto()
      listed()
      return change !== 'same'
    } catch (error) {
      this.error = error
      this.#mapFailed(error, life)
      throw error
    }
  }

  #mapFailed(error: unknown, life: number): void {
    if (judgeError(error, true) === 'not-found') {
      if (life === this.#parts.shards.life) this.forgetShards()
      this.#parts.notFound(error)
    } else if (error instanceof DeniedError || isDenial(error)) {
      if (this.mapDenied) return
      this.#parts.warn(
        'SHARDS_UNKNOWN',
        'ListShards is not allowed, so that records of different keys cannot share Kinesis records: allow kinesis:ListShards'
      )
      // An old map stays.
      this.mapDenied = true
      this.#warnIfPlain()
      this.#parts.changed('same')
    }
  }

  async #fetchSummary(): Promise<boolean> {
    const { calls, clock, id, timeoutMs, distribution, changed, maxRecordBytes } = this.#parts
    const begun = clock.now()
    try {
      const summary = await describeStream(calls, clock, id, timeoutMs, this.#controller.signal)
      this.summaryDenied = false
      this.#summaryUntil = clock.now() + about(SUMMARY_AGE_MS)
      if (summary.MaxRecordSizeInKiB !== undefined) maxRecordBytes(summary.MaxRecordSizeInKiB * 1024)
      const isNews = distribution.described(summary.RecordDistributionStrategy, begun)
      if (isNews && distribution.isAuto) this.#parts.foundAuto()
      else if (isNews) changed('same')
      this.#parts.listed()
      return true
    } catch (error) {
      this.error = error
      if (judgeError(error, true) === 'not-found') this.#parts.notFound(error)
      if (!(error instanceof DeniedError) && !isDenial(error)) throw error
      this.summaryDenied = true
      this.#summaryUntil = clock.now() + about(SUMMARY_AGE_MS)
      this.#warnIfPlain()
      return true
    }
  }

  #warnIfPlain(): void {
    if (this.#parts.distribution.isTold || !this.mapDenied || !this.summaryDenied) return
    this.#parts.warn(
      'AGGREGATION_OFF',
      'Neither ListShards nor DescribeStreamSummary is allowed, so that Kinesis may distribute the records: each goes by itself'
    )
  }
}
