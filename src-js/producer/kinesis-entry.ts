import type { Buffer } from 'node:buffer'
import { LANE_WORDS } from '../aggregation/lane-encoder'
import { hashKeysOf } from '../shards/inbox-sorter'
import { hashKeyOf } from '../shards/shard-map'
import type { AttemptLog } from './attempt-log'
import type { Lane } from './lane'
import type { Segment } from './slab'

/** As PutRecords takes it. */
export interface PutEntry {
  Data: Buffer
  /** Absent where Kinesis distributes the records. */
  PartitionKey: string | undefined
  ExplicitHashKey?: string
}

/** One Kinesis record: an aggregate, or a user record by itself. Its encoding never changes. */
export class KinesisEntry {
  /** Stamped for good: an answer is judged by the lane that sent it, whatever lanes there are then. */
  readonly lane: Lane
  /** Its user records. */
  readonly segment: Segment
  readonly aggregated: boolean
  readonly input: PutEntry
  /** Data and key, as Kinesis counts. */
  readonly bytes: number
  /** Requests that carried this encoding. */
  attempts = 0
  /** One of them may be stored: it is sent as it is, or not at all. */
  maybeStored = false
  /** Answers in a row that said nothing about it. */
  silences = 0
  /** It came with others, of which one is guilty: it goes in a request that was put together to find out. */
  grouped = false
  /** It is taken apart: its records are elsewhere. */
  dissolved = false
  log: AttemptLog | undefined
  /** Of the stream, when it was sent. */
  life = 0

  constructor(lane: Lane, segment: Segment, aggregated: boolean, input: PutEntry, keyBytes: number) {
    this.lane = lane
    this.segment = segment
    this.aggregated = aggregated
    this.input = input
    this.bytes = input.Data.length + keyBytes
  }

  get records(): number {
    return this.segment.last - this.segment.first
  }

  slot(i: number): number {
    return this.segment.chunk.places[(this.segment.first + i) * LANE_WORDS + 3]!
  }

  someSlot(test: (slot: number) => boolean): boolean {
    for (let i = 0; i < this.records; i++) if (test(this.slot(i))) return true
    return false
  }

  /** The hash key by which Kinesis chose the shard; `undefined` if it had none. */
  get hashKey(): bigint | undefined {
    const { PartitionKey, ExplicitHashKey } = this.input
    if (ExplicitHashKey !== undefined) return BigInt(ExplicitHashKey)
    return PartitionKey === undefined ? undefined : hashKeyOf(PartitionKey)
  }

  /** Whether all its user records have hash keys in a range: else KCL drops it whole. */
  liesIn({ lo, hi }: { lo: bigint; hi: bigint }): boolean {
    const { chunk, from, end, first, last } = this.segment
    const places = chunk.places.subarray(first * LANE_WORDS, last * LANE_WORDS)
    const hashKeys = hashKeysOf(chunk.bytes.subarray(from, end), places, last - first)
    for (let at = 0; at < hashKeys.length; at += 16) {
      const hashKey = hashKeyAt(hashKeys, at)
      if (hashKey < lo || hashKey > hi) return false
    }
    return true
  }
}

/** A number of 16 bytes. */
export function hashKeyAt(bytes: Buffer, at: number): bigint {
  return (bytes.readBigUInt64BE(at) << 64n) | bytes.readBigUInt64BE(at + 8)
}
