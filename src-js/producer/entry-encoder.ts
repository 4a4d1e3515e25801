import { Buffer } from 'node:buffer'
import { LANE_WORDS, aggregateBound, encodeLane, sealAll } from '../aggregation/lane-encoder'
import { hashKeysOf } from '../shards/inbox-sorter'
import { KinesisEntry, type PutEntry, hashKeyAt } from './kinesis-entry'
import type { Lane } from './lane'
import { KEYLESS, type RecordTable } from './record-table'

const BLOCK_BYTES = 1 << 20

/**
 * Makes the Kinesis records of one request. Their memory is never used again: a client may keep what it was given.
 */
export class EntryEncoder {
  readonly #table: RecordTable
  #block: Buffer = Buffer.alloc(0)
  #used = 0
  #aggregates: KinesisEntry[] = []

  constructor(table: RecordTable) {
    this.#table = table
  }

  /**
   * Makes a Kinesis record of the oldest records of a lane. What becomes of an aggregate is not complete before
   * {@link finish}.
   *
   * @param maxBytes of data and key of an aggregate
   * @param plain each record by itself
   * @param lanes that are still to come, about: how much memory to take at once
   */
  encode(lane: Lane, maxBytes: number, maxRecords: number, plain: boolean, lanes: number): KinesisEntry {
    const { queue } = lane
    if (plain || queue.records === 1 || maxRecords === 1) return this.#encodeOne(lane)
    queue.gather(maxBytes)
    const { bytes, places, from, end, first, last } = queue.head
    const count = last - first
    const room = Math.min(maxBytes, aggregateBound(end - from, count))
    const out = this.#reserve(room, lanes)
    const head = encodeLane(bytes, from, end, places, first, count, maxBytes, maxRecords, out)
    // One alone goes plain, and so does one that no aggregate has room for.
    if (head.records <= 1) return this.#encodeOne(lane)
    this.#used += head.size
    const keyBytes = places[first * LANE_WORDS]!
    const input: PutEntry = {
      Data: head.size === room ? out : out.subarray(0, head.size),
      PartitionKey: bytes.utf8Slice(from, from + keyBytes)
    }
    const hashKeyBytes = places[first * LANE_WORDS + 1]!
    if (hashKeyBytes > 0) {
      input.ExplicitHashKey = bytes.latin1Slice(from + keyBytes, from + keyBytes + hashKeyBytes)
    }
    const entry = new KinesisEntry(lane, queue.take(head.records, head.slabBytes), true, input, keyBytes)
    lane.lend(entry)
    this.#aggregates.push(entry)
    return entry
  }

  #encodeOne(lane: Lane): KinesisEntry {
    const { bytes, places, from, first } = lane.queue.head
    const p = first * LANE_WORDS
    const keyBytes = places[p]!
    const hashKeyBytes = places[p + 1]!
    const dataBytes = places[p + 2]!
    const dataAt = from + keyBytes + hashKeyBytes
    // The lane's memory is used again, the client's is not.
    const data = this.#reserve(dataBytes, 1)
    bytes.copy(data, 0, dataAt, dataAt + dataBytes)
    this.#used += dataBytes
    // Where Kinesis distributes the records, those that came without a key go without one.
    const keyless = lane.kind === 'any' && this.#table.has(places[p + 3]!, KEYLESS)
    const input: PutEntry = {
      Data: data,
      PartitionKey: keyless ? undefined : bytes.utf8Slice(from, from + keyBytes)
    }
    if (hashKeyBytes > 0 && !keyless) {
      input.ExplicitHashKey = bytes.latin1Slice(from + keyBytes, dataAt)
    }
    const segment = lane.queue.take(1, keyBytes + hashKeyBytes + dataBytes)
    const entry = new KinesisEntry(lane, segment, false, input, keyless ? 0 : keyBytes)
    lane.lend(entry)
    return entry
  }

  /** Completes what was encoded since the last time: digests, and the hash keys that lead aggregates to their shards. */
  finish(): void {
    const aggregates = this.#aggregates
    if (aggregates.length > 0) {
      this.#aggregates = []
      sealAll(aggregates.map(({ input }) => input.Data))
      this.#addHashKeys(
        aggregates.filter(({ lane, input }) => lane.kind === 'shard' && input.ExplicitHashKey === undefined)
      )
    }
    this.#block = Buffer.alloc(0)
    this.#used = 0
  }

  /** Those of their first records: an aggregate of a single key then lies at home also after a split. */
  #addHashKeys(entries: readonly KinesisEntry[]): void {
    if (entries.length === 0) return
    const places = new Uint32Array(entries.length * LANE_WORDS)
    let bytes = 0
    for (const { segment } of entries) bytes += segment.chunk.places[segment.first * LANE_WORDS]!
    const keys = Buffer.allocUnsafe(bytes)
    let at = 0
    for (const [i, { segment }] of entries.entries()) {
      const length = segment.chunk.places[segment.first * LANE_WORDS]!
      segment.chunk.bytes.copy(keys, at, segment.from, segment.from + length)
      places[i * LANE_WORDS] = length
      at += length
    }
    const hashKeys = hashKeysOf(keys, places, entries.length)
    for (const [i, { input }] of entries.entries())
      input.ExplicitHashKey = String(hashKeyAt(hashKeys, i * 16))
  }

  #reserve(bytes: number, times: number): Buffer {
    if (this.#block.length - this.#used < bytes) {
      this.#block = Buffer.allocUnsafeSlow(Math.max(bytes, Math.min(BLOCK_BYTES, bytes * times)))
      this.#used = 0
    }
    return this.#block.subarray(this.#used, this.#used + bytes)
  }
}
