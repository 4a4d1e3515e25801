import { LANE_WORDS } from '../aggregation/lane-encoder'
import type { RunningTime } from './clock'
import type { KinesisEntry } from './kinesis-entry'
import type { Lane } from './lane'
import { RecordBatch } from './record-batch'
import type { RecordQueue } from './record-queue'
import type { RecordTable } from './record-table'
import type { FailReason } from './settlement'
import type { StreamPipeline } from './stream-pipeline'

/** Ends records that wait: those that have waited too long, or all. What is in flight or held is judged by its answer. */
export class Expiry {
  readonly #stream: StreamPipeline
  readonly #table: RecordTable
  readonly #running: RunningTime
  /** In running time; nothing that waits expires before. */
  #nextAt = Infinity

  constructor(stream: StreamPipeline, table: RecordTable, running: RunningTime) {
    this.#stream = stream
    this.#table = table
    this.#running = running
  }

  /** Milliseconds until something may expire. */
  get nextIn(): number {
    return this.#nextAt === Infinity ? Infinity : Math.max(0, this.#nextAt - this.#running.now())
  }

  /** Records begin to wait. */
  began(ttlMs: number): void {
    this.#nextAt = Math.min(this.#nextAt, this.#running.now() + ttlMs)
  }

  /** A Kinesis record that was in flight or held was not stored: its records wait again, the oldest first. */
  cameBack(entry: KinesisEntry): void {
    const accepted = this.#table.accepted[entry.slot(0)]!
    this.#nextAt = Math.min(this.#nextAt, accepted + this.#stream.settings.recordTtlMs)
  }

  /** Records may wait for another time than before. */
  ttlChanged(): void {
    this.#nextAt = this.#running.now()
  }

  /** Fails what has expired. */
  run(): void {
    if (this.#running.now() < this.#nextAt) return
    const { lanes, router, settings } = this.#stream
    const before = this.#running.now() - settings.recordTtlMs
    this.#stream.sortInbox()
    let oldest = this.#expireQueue(router.waiting, undefined, before)
    for (const lane of Array.from(lanes)) {
      for (const entry of Array.from(lane.frozen))
        oldest = Math.min(oldest, this.#expireEntry(lane, entry, before))
      oldest = Math.min(oldest, this.#expireQueue(lane.queue, lane, before))
      lanes.emptied(lane)
    }
    this.#nextAt = oldest === Infinity ? Infinity : Math.max(oldest, before + 1) + settings.recordTtlMs
  }

  /** @returns when the oldest record that stays was accepted */
  #expireQueue(queue: RecordQueue, lane: Lane | undefined, before: number): number {
    const { accepted } = this.#table
    const expired = new RecordBatch()
    while (queue.records > 0 && accepted[queue.firstSlot]! <= before) {
      const { places, first } = queue.head
      const p = first * LANE_WORDS
      const segment = queue.take(1, places[p]! + places[p + 1]! + places[p + 2]!)
      expired.addSegment(segment)
      this.#stream.parts.slabs.release(segment)
    }
    if (expired.count > 0) this.#fail(expired, lane)
    return queue.records === 0 ? Infinity : accepted[queue.firstSlot]!
  }

  #expireEntry(lane: Lane, entry: KinesisEntry, before: number): number {
    const { accepted } = this.#table
    const { router, parts } = this.#stream
    let oldest = Infinity
    let newest = 0
    entry.someSlot(slot => {
      oldest = Math.min(oldest, accepted[slot]!)
      newest = Math.max(newest, accepted[slot]!)
      return false
    })
    const isExpired = (entry.maybeStored ? newest : oldest) <= before
    if (!isExpired) return entry.maybeStored ? newest : oldest
    if (entry.maybeStored) {
      lane.frozen.splice(lane.frozen.indexOf(entry), 1)
      parts.settlement.failEntry(this.#stream, entry, { code: 'ERR_RECORD_EXPIRED' })
      this.#stream.departures.reconsider(lane)
    } else router.thaw(entry)
    return Infinity
  }

  #fail(batch: RecordBatch, lane: Lane | undefined): void {
    const { circuit, parts } = this.#stream
    // Of those that were tried themselves, it is their own last error.
    const cause = lane?.cause ?? (circuit.isOpen ? circuit.cause : undefined)
    const table = this.#table
    const tried: number[] = []
    const untried: number[] = []
    for (let i = 0; i < batch.count; i++) (table.logs.has(batch.slot(i)) ? tried : untried).push(i)
    const shardId = lane?.shard?.id
    parts.settlement.fail(this.#stream, batch.pick(tried), { code: 'ERR_RECORD_EXPIRED', shardId })
    parts.settlement.fail(this.#stream, batch.pick(untried), { code: 'ERR_RECORD_EXPIRED', cause, shardId })
  }

  /** Fails all that waits. */
  failWaiting(reason: FailReason): void {
    const { lanes, router, parts } = this.#stream
    this.#stream.sortInbox()
    this.#stream.batcher.groups.length = 0
    parts.settlement.fail(this.#stream, router.waiting.drain(), reason)
    for (const lane of Array.from(lanes)) {
      for (const entry of lane.frozen.splice(0)) parts.settlement.failEntry(this.#stream, entry, reason)
      parts.settlement.fail(this.#stream, lane.queue.drain(), { ...reason, shardId: lane.shard?.id })
      lanes.emptied(lane)
    }
  }
}
