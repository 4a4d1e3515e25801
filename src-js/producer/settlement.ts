import { LANE_WORDS } from '../aggregation/lane-encoder'
import { withoutStack } from '../errors'
import { type AttemptLog, joinLogs } from './attempt-log'
import type { RunningTime } from './clock'
import { PutError, type PutErrorCode } from './errors'
import type { FlushWaits } from './flush-waits'
import type { KinesisEntry } from './kinesis-entry'
import { type Pending, RECORD_BYTES } from './pending'
import { RecordBatch } from './record-batch'
import { KEYLESS, MAYBE_STORED, type RecordTable, type Settler } from './record-table'
import type { SlabPool } from './slab'
import { type StreamCounters, count } from './stats'
import type { Teller } from './teller'
import type { ProducerRecord, PutResult } from './types'

/** What settling needs of a stream. */
export interface SettledStream {
  readonly name: string
  readonly counters: StreamCounters
  pendingRecords: number
  pendingBytes: number
  movedAt: number
}

/** A Kinesis record that is stored. */
export interface StoredEntry {
  entry: KinesisEntry
  shardId: string
  sequenceNumber: string
}

/** A record that is taken out while it waits. */
export interface LeavingRecord {
  stream: SettledStream
  slot: number
  bytes: number
  error: PutError
}

/** Why records fail, and what else is known. */
export interface FailReason {
  code: PutErrorCode
  /** What stopped them, where that is not their own last error. */
  cause?: unknown
  shardId?: string | undefined
}

export interface SettlementParts {
  table: RecordTable
  slabs: SlabPool
  pending: Pending
  waits: FlushWaits
  teller: Teller
  running: RunningTime
  /** A written record failed. @param sequence `undefined`: it was not accepted */
  writeFailed(stream: object, sequence: number | undefined, error: PutError): void
  /** Records were settled. */
  done(): void
}

/** Tells the fate of records, once each, and ends them. */
export class Settlement {
  readonly #parts: SettlementParts
  /** By slot: which of the stored entries has it, and at what place in it. */
  #entryOf = new Uint32Array(0)
  #placeOf = new Uint32Array(0)

  constructor(parts: SettlementParts) {
    this.#parts = parts
  }

  /** The records are stored. */
  fulfil(stream: SettledStream, stored: readonly StoredEntry[]): void {
    const { table, pending, waits, running, slabs } = this.#parts
    const { counters } = stream
    const { sequence, accepted } = table
    const now = running.now()
    stream.movedAt = now
    const noWaits = waits.isEmpty
    if (this.#entryOf.length < table.capacity) {
      this.#entryOf = new Uint32Array(table.capacity)
      this.#placeOf = new Uint32Array(table.capacity)
    }
    let records = 0
    let bytes = 0
    let lowest = Infinity
    let highest = -1
    for (let e = 0; e < stored.length; e++) {
      const { entry } = stored[e]!
      const { chunk, first, last } = entry.segment
      const { places } = chunk
      const isRepeat = entry.maybeStored
      for (let i = first, p = first * LANE_WORDS; i < last; i++, p += LANE_WORDS) {
        const slot = places[p + 3]!
        bytes += costOf(places, p, table)
        records++
        count(counters.latency, now - accepted[slot]!)
        if (isRepeat || table.has(slot, MAYBE_STORED)) counters.maybeDuplicated++
        if (!noWaits) waits.settled(stream, sequence[slot]!, true)
        if (table.settlers[slot] === undefined) {
          this.#watched(slot, undefined)
          table.remove(slot)
          continue
        }
        this.#entryOf[slot] = e + 1
        this.#placeOf[slot] = i - first
        if (slot < lowest) lowest = slot
        if (slot > highest) highest = slot
      }
      entry.lane.takeBack(entry)
    }
    // In the order of their slots, which is nearly that of their promises in memory.
    for (let slot = lowest; slot <= highest; slot++) {
      const e = this.#entryOf[slot]!
      if (e === 0) continue
      this.#entryOf[slot] = 0
      this.#tell(stream, slot, stored[e - 1]!, this.#placeOf[slot]!)
    }
    for (const { entry } of stored) slabs.release(entry.segment)
    counters.delivered += records
    this.#end(stream, records, bytes)
    pending.remove(records, bytes)
    this.#parts.done()
  }

  #tell(
    stream: SettledStream,
    slot: number,
    { entry, shardId, sequenceNumber }: StoredEntry,
    place: number
  ): void {
    const { table, teller } = this.#parts
    const settler = table.settlers[slot]
    const isOwner = typeof settler === 'object'
    if (isOwner && !settler.wantsResults) {
      this.#watched(slot, undefined)
      table.remove(slot)
      settler.delivered(undefined)
      return
    }
    const attempts = table.attempts[slot]! + entry.attempts
    const maybeDuplicated = entry.maybeStored || table.has(slot, MAYBE_STORED)
    const result: PutResult = entry.aggregated
      ? { stream: stream.name, shardId, sequenceNumber, subSequenceNumber: place, attempts, maybeDuplicated }
      : { stream: stream.name, shardId, sequenceNumber, attempts, maybeDuplicated }
    const context = table.contexts[slot]
    if (context !== undefined) result.context = context
    this.#watched(slot, undefined)
    table.remove(slot)
    if (isOwner) teller.push(1, () => settler.delivered(result))
    else settler!(result)
  }

  /** The records of a Kinesis record fail. */
  failEntry(stream: SettledStream, entry: KinesisEntry, reason: FailReason): void {
    const batch = new RecordBatch(entry.segment.end - entry.segment.from, entry.records)
    batch.addSegment(entry.segment)
    entry.dissolved = true
    entry.lane.takeBack(entry)
    this.#parts.slabs.release(entry.segment)
    const shardId = reason.shardId ?? entry.lane.shard?.id
    this.fail(stream, batch, { ...reason, shardId }, entry)
  }

  /**
   * Records fail that are in no place of the producer any more.
   *
   * @param entry that they were last part of
   */
  fail(
    stream: SettledStream,
    batch: RecordBatch,
    reason: FailReason,
    entry?: { attempts: number; maybeStored: boolean; log: AttemptLog | undefined }
  ): void {
    const offsets = batch.offsets()
    this.#parts.teller.push(batch.count, i => {
      const { table, pending, waits } = this.#parts
      const { places } = batch
      const p = i * LANE_WORDS
      const slot = places[p + 3]!
      if (!table.isLive(slot)) {
        table.remove(slot)
        return
      }
      const log = joinLogs(table.logs.get(slot), entry?.log)
      const context = table.contexts[slot]
      const { code, shardId } = reason
      const record = rebuild(batch, i, offsets[i]!, table.has(slot, KEYLESS), stream.name, context)
      const error = withoutStack(
        () =>
          new PutError(code, record, {
            stream: stream.name,
            cause: reason.cause ?? log?.cause,
            shardId,
            attempts: table.attempts[slot]! + (entry?.attempts ?? 0),
            lastAttempts: log === undefined ? [] : [...log.last],
            maybeStored: table.has(slot, MAYBE_STORED) || (entry?.maybeStored ?? false),
            context
          })
      )
      const sequence = table.sequence[slot]!
      const settler = table.settlers[slot]
      const bytes = costOf(places, p, table)
      waits.settled(stream, sequence, false)
      this.#watched(slot, error)
      table.remove(slot)
      stream.counters.countFailed(code)
      this.#end(stream, 1, bytes)
      this.tellFailure(stream, settler, sequence, error)
      pending.remove(1, bytes)
      this.#parts.done()
    })
  }

  /** Records that wait are taken out; their bytes stay where they are. */
  leave(records: readonly LeavingRecord[]): void {
    const { table, pending, waits, teller } = this.#parts
    const told = records.map(({ stream, slot, bytes, error }) => {
      const settler = table.settlers[slot]
      const sequence = table.sequence[slot]!
      waits.settled(stream, sequence, false)
      this.#watched(slot, error)
      table.leave(slot)
      stream.counters.countFailed(error.code)
      this.#end(stream, 1, bytes)
      pending.remove(1, bytes)
      return { stream, settler, sequence, error }
    })
    teller.push(told.length, i => {
      const { stream, settler, sequence, error } = told[i]!
      this.tellFailure(stream, settler, sequence, error)
    })
    if (records.length > 0) this.#parts.done()
  }

  tellFailure(stream: object, settler: Settler, sequence: number | undefined, error: PutError): void {
    if (settler === undefined) this.#parts.writeFailed(stream, sequence, error)
    else if (typeof settler === 'object') settler.failed(error)
    // Its own `reject` would cost each promise that waits a closure.
    else settler(Promise.reject(error))
  }

  #watched(slot: number, error: PutError | undefined): void {
    const { watchers } = this.#parts.table
    if (watchers.size > 0) watchers.get(slot)?.(error)
  }

  #end(stream: SettledStream, records: number, bytes: number): void {
    stream.pendingRecords -= records
    stream.pendingBytes -= bytes
  }
}

/** What a record is counted for: a key that the producer chose does not count. */
function costOf(places: Uint32Array, p: number, table: RecordTable): number {
  const key = table.has(places[p + 3]!, KEYLESS) ? 0 : places[p]!
  return key + places[p + 2]! + RECORD_BYTES
}

/** A record again out of its bytes. */
function rebuild(
  { bytes, places }: RecordBatch,
  i: number,
  at: number,
  keyless: boolean,
  stream: string,
  context: unknown
): ProducerRecord {
  const p = i * LANE_WORDS
  const keyEnd = at + places[p]!
  const hashKeyEnd = keyEnd + places[p + 1]!
  return {
    partitionKey: keyless ? undefined : bytes.toString('utf8', at, keyEnd),
    data: bytes.subarray(hashKeyEnd, hashKeyEnd + places[p + 2]!),
    ...(hashKeyEnd > keyEnd && !keyless && { explicitHashKey: bytes.latin1Slice(keyEnd, hashKeyEnd) }),
    stream,
    ...(context !== undefined && { context })
  }
}
