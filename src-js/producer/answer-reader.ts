import { backoff } from './backoff'
import { FailedRequests } from './failed-requests'
import type { Proof } from './held-answers'
import type { KinesisEntry } from './kinesis-entry'
import { judgeEntryCode } from './outcome'
import type { AttemptEnd } from './put-attempt'
import type { PutRequest } from './put-request'
import type { StoredEntry } from './settlement'
import type { ShardPace } from './shard-pace'
import { count } from './stats'
import type { StreamPipeline } from './stream-pipeline'
import { UnstoredEntries } from './unstored-entries'

/** So many answers in a row that say nothing of a Kinesis record are a refusal. */
const MAX_SILENCES = 3

interface EntryResult {
  ShardId?: string
  SequenceNumber?: string
  ErrorCode?: string
  ErrorMessage?: string
}

/** What becomes of each Kinesis record of a request: stored, tried again, or failed. */
export class AnswerReader {
  readonly #stream: StreamPipeline
  readonly #unstored: UnstoredEntries
  readonly #failedRequests: FailedRequests

  constructor(stream: StreamPipeline) {
    this.#stream = stream
    this.#unstored = new UnstoredEntries(stream)
    this.#failedRequests = new FailedRequests(stream, this.#unstored)
  }

  read(request: PutRequest, end: AttemptEnd): void {
    const { clock } = this.#stream.parts
    const now = clock.now()
    count(this.#stream.counters.roundTrip, now - request.sentAt)
    if (end.kind === 'timeout') this.#failedRequests.timedOut(request, end.left, now)
    else if (end.kind === 'error') this.#failedRequests.failed(request, end.error, end.left, now)
    else this.#answered(request, end.answer, now)
  }

  #answered(request: PutRequest, answer: unknown, now: number): void {
    const { gate } = this.#stream.parts
    const results = (answer as { Records?: EntryResult[] } | null | undefined)?.Records
    gate.answered()
    if (!Array.isArray(results) || results.length !== request.entries.length) {
      // Nothing is matched by position.
      const pauseMs = backoff(this.#unstored.countFailure(request))
      for (const entry of request.entries) this.#silent(entry, undefined, pauseMs)
      return
    }
    this.#readResults(request.entries, results, now)
  }

  #readResults(
    entries: readonly KinesisEntry[],
    results: readonly (EntryResult | null)[],
    now: number
  ): void {
    const { circuit, counters, limits, parts } = this.#stream
    const stored: StoredEntry[] = []
    const accepting = new Set<ShardPace>()
    for (const [i, result] of results.entries()) {
      if (isStored(result)) accepting.add(entries[i]!.lane.pace)
    }
    if (accepting.size > 0) {
      circuit.succeeded()
      parts.gate.succeeded()
      limits.succeeded()
      this.#failedRequests.succeeded()
    }
    for (const pace of accepting) pace.accepted()
    const refusing = new Set<ShardPace>()
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!
      const result = results[i]
      if (isStored(result)) {
        this.#place(entry, result, stored)
        const shard = counters.shard(result.ShardId)
        shard.kinesisRecords++
        shard.bytes += entry.bytes
      } else if (typeof result?.ErrorCode === 'string') {
        this.#refused(entry, result as EntryResult & { ErrorCode: string }, refusing, now)
      } else this.#silent(entry, result ?? undefined, backoff(entry.lane.failures++))
    }
    for (const pace of refusing) this.#slowDown(pace, now)
    if (stored.length > 0) parts.settlement.fulfil(this.#stream, stored)
    for (const { entry } of stored) this.#stream.departures.reconsider(entry.lane)
  }

  /** Where a stored record is: at home, or to be judged. */
  #place(
    entry: KinesisEntry,
    result: Required<Pick<EntryResult, 'ShardId' | 'SequenceNumber'>>,
    stored: StoredEntry[]
  ): void {
    const { shards, distribution, held, knowledge, parts } = this.#stream
    const { lane, aggregated } = entry
    const { ShardId: shardId, SequenceNumber: sequenceNumber } = result
    const answer = { entry, shardId, sequenceNumber }
    lane.failures = 0
    if (distribution.isAuto ? !aggregated : lane.shard?.id === shardId && entry.life === shards.life) {
      this.#landed(answer, stored)
      return
    }
    const shard = shards.shard(shardId)
    const hashKey = distribution.isAuto ? undefined : lane.kind === 'key' ? lane.lo : entry.hashKey
    const isStrange =
      shard !== undefined && hashKey !== undefined && (hashKey < shard.lo || hashKey > shard.hi)
    if (isStrange) distribution.suspect(shardId, hashKey, parts.clock.now())
    if (shards.map !== undefined && (isStrange || shard === undefined || shard.closed)) knowledge.wantMap()
    const proof = this.#proofFor(answer, isStrange)
    if (proof === undefined) {
      this.#landed(answer, stored)
      return
    }
    lane.flights--
    held.hold(answer, proof)
    knowledge.held()
  }

  /** What must come before it is certain that a Kinesis record is where its readers find it; `undefined`: nothing. */
  #proofFor({ entry, shardId }: StoredEntry, isStrange: boolean): Proof | undefined {
    const { shards, distribution, hulls, lanes, settings } = this.#stream
    const { lane, aggregated, life } = entry
    if (!aggregated) return undefined
    if (isStrange) return 'new-listing'
    if (distribution.isAuto) return 'listing'
    if (lane.kind === 'shard') return settings.kclReaders || life !== shards.life ? 'listing' : undefined
    if (shards.map === undefined)
      return distribution.isTold || hulls.agrees(shardId, lane.lo) ? undefined : 'summary'
    return shards.shard(shardId) === undefined && !lanes.hasDark ? 'listing' : undefined
  }

  #landed(answer: StoredEntry, stored: StoredEntry[]): void {
    answer.entry.lane.flights--
    stored.push(answer)
  }

  /** Kinesis refused one Kinesis record. */
  #refused(
    entry: KinesisEntry,
    { ErrorCode: code, ErrorMessage, ShardId }: EntryResult & { ErrorCode: string },
    refusing: Set<ShardPace>,
    now: number
  ): void {
    const { lane } = entry
    const { parts, counters } = this.#stream
    const message = ErrorMessage ?? ''
    const cause = Object.assign(new Error(message), { name: code })
    const about = { cause, code, message }
    const verdict = judgeEntryCode(code)
    switch (verdict) {
      case 'throttled':
        counters.throttled++
        counters.shard(lane.shard?.id ?? ShardId ?? '').throttled++
        refusing.add(lane.pace)
        if (this.#stream.settings.failThrottled)
          this.#unstored.fail(entry, 'ERR_THROTTLED', { ...about, outcome: 'safe' })
        else this.#unstored.again(entry, { ...about, outcome: 'safe', refusedByShard: true })
        break
      case 'denied':
        this.#unstored.deny(entry, 'ERR_ACCESS_DENIED', about, now)
        break
      case 'not-found':
        this.#unstored.deny(entry, 'ERR_STREAM_NOT_FOUND', about, now)
        break
      case 'invalid':
        this.#unstored.fail(entry, 'ERR_PUT_REJECTED', { ...about, outcome: 'permanent' })
        break
      default:
        if (verdict === 'strange')
          parts.warn('UNKNOWN_ERROR', `Kinesis refused a record with ${code}: ${message}`)
        this.#unstored.again(entry, { ...about, outcome: 'unknown', pauseMs: backoff(lane.failures++) })
    }
  }

  /** The answer says nothing of the record. */
  #silent(entry: KinesisEntry, result: EntryResult | undefined, pauseMs: number): void {
    const message =
      result === undefined
        ? 'The answer has no result for the record'
        : 'The result has neither code nor sequence number'
    const about = { cause: new Error(message), code: 'NO_RESULT', message, outcome: 'unknown' as const }
    entry.silences++
    if (entry.silences >= MAX_SILENCES) {
      entry.maybeStored = true
      this.#unstored.fail(entry, 'ERR_PUT_REJECTED', about)
    } else this.#unstored.again(entry, { ...about, pauseMs }, true)
  }

  #slowDown(pace: ShardPace, now: number): void {
    const { name, parts } = this.#stream
    if (!pace.refused(now)) return
    const shard = pace.shardId === undefined ? {} : { shardId: pace.shardId }
    parts.emit('throttled', { stream: name, ...shard, ratePerSecond: pace.ratePerSecond })
  }
}

function isStored(
  result: EntryResult | null | undefined
): result is Required<Pick<EntryResult, 'ShardId' | 'SequenceNumber'>> {
  return (
    typeof result === 'object' &&
    result !== null &&
    typeof result.SequenceNumber === 'string' &&
    result.SequenceNumber !== '' &&
    typeof result.ErrorCode !== 'string'
  )
}
