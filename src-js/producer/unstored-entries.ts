import { joinLogs } from './attempt-log'
import type { PutErrorCode } from './errors'
import type { KinesisEntry } from './kinesis-entry'
import type { PutRequest } from './put-request'
import { KEYLESS } from './record-table'
import type { StreamPipeline } from './stream-pipeline'
import type { Attempt } from './types'

/** Why a Kinesis record was not stored, and what is to be minded when it is tried again. */
export interface Again {
  outcome: Attempt['outcome']
  cause: unknown
  code: string
  message: string
  /** Milliseconds that its lane pauses. */
  pauseMs?: number
  /** It goes in a request that is put together to find who is guilty. */
  grouped?: boolean
  /** Its shard refused it: records that came without a key may go to another one. */
  refusedByShard?: boolean
}

/** What becomes of Kinesis records that were not stored: tried again, or failed. */
export class UnstoredEntries {
  readonly #stream: StreamPipeline

  constructor(stream: StreamPipeline) {
    this.#stream = stream
  }

  /** Puts a Kinesis record back to be tried again: where it was, or where its records belong now. */
  again(entry: KinesisEntry, again: Again, isSilence = false): void {
    const { circuit, router, parts, settings, expiry } = this.#stream
    const { lane } = entry
    lane.flights--
    expiry.cameBack(entry)
    lane.cause = again.cause
    this.#log(entry, again)
    if (!isSilence) entry.silences = 0
    if (again.outcome === 'unknown') entry.maybeStored = true
    if (again.outcome === 'permanent' && circuit.isFailing) {
      parts.settlement.failEntry(this.#stream, entry, { code: circuit.code, cause: again.cause })
    } else if (lane.retired) router.reroute(entry)
    else if (again.refusedByShard === true && !entry.maybeStored && this.#mayChoose(entry))
      router.reroute(entry, true)
    else {
      entry.grouped = again.grouped ?? false
      if (settings.ordered) lane.frozen.unshift(entry)
      else lane.frozen.push(entry)
      if (again.pauseMs !== undefined) lane.notBefore = parts.clock.now() + again.pauseMs
    }
    this.#stream.departures.reconsider(lane)
  }

  /** Some of its records came without a key, and may as well go elsewhere. */
  #mayChoose(entry: KinesisEntry): boolean {
    const { table } = this.#stream.parts
    return this.#stream.router.hasChoice && entry.someSlot(slot => table.has(slot, KEYLESS))
  }

  /** The Kinesis record is not tried again: its records fail. */
  fail(entry: KinesisEntry, code: PutErrorCode, again: Again): void {
    const { parts } = this.#stream
    entry.lane.flights--
    entry.lane.cause = again.cause
    this.#log(entry, again)
    parts.settlement.failEntry(this.#stream, entry, { code, cause: again.cause })
    this.#stream.departures.reconsider(entry.lane)
  }

  /** All Kinesis records of a request are tried again. */
  allAgain({ entries }: PutRequest, again: Again): void {
    for (const entry of entries) this.again(entry, again)
  }

  /** The stream refuses whatever is put: the record is tried again until the grace is over. */
  deny(entry: KinesisEntry, code: PutErrorCode, about: Omit<Again, 'outcome'>, now: number): void {
    this.#stream.circuit.failed(code, about.cause, now)
    this.again(entry, { ...about, outcome: 'permanent' })
  }

  /** The request failed as a whole. @returns how often its lanes failed in a row before, at most */
  countFailure({ entries }: PutRequest): number {
    let n = 0
    for (const { lane } of entries) n = Math.max(n, lane.failures++)
    return n
  }

  #log(entry: KinesisEntry, { outcome, code, message, cause }: Again): void {
    const attempt: Attempt = { at: new Date(), outcome, code, message }
    if (entry.lane.shard !== undefined) attempt.shardId = entry.lane.shard.id
    entry.log = joinLogs(entry.log, { last: [attempt], cause })
  }
}
