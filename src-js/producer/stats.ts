/** Upper ends of the buckets of a {@link Histogram}, in milliseconds: powers of two. The last bucket has the rest. */
export const BUCKETS_MS: readonly number[] = Array.from({ length: 17 }, (_, i) => 2 ** i)

/** Counts by time: `counts[i]` took less than `BUCKETS_MS[i]` ms, and not less than the bucket before. */
export interface Histogram {
  readonly bucketsMs: readonly number[]
  readonly counts: number[]
}

/** What happened at a shard. */
export interface ShardStats {
  /** Kinesis records stored. */
  kinesisRecords: number
  bytes: number
  throttled: number
  /** Records a second that the producer allows itself now. */
  ratePerSecond: number
  pendingRecords: number
  pendingBytes: number
}

/** What happened in a stream, since the producer began. */
export interface StreamStats {
  /** User records taken, stored, and not, by code. */
  accepted: number
  delivered: number
  failed: Record<string, number>
  pendingRecords: number
  pendingBytes: number
  /** How long the oldest pending record has been waiting. */
  oldestPendingMs: number
  /** Requests in flight now, and sent. */
  inFlight: number
  requests: number
  /** Kinesis records sent, repeats included, their bytes, and PUT payload units of 25 KB. */
  kinesisRecords: number
  bytes: number
  putUnits: number
  /** Kinesis records that were refused for load, sent again, and put again since they lay outside of their shard. */
  throttled: number
  retried: number
  wrongShard: number
  /** User records delivered that may be stored twice. */
  maybeDuplicated: number
  /** From sending a request to its answer. */
  roundTrip: Histogram
  /** From accepting a user record to its answer. */
  latency: Histogram
  shards: Record<string, ShardStats>
}

/** Plain numbers; a copy. */
export interface ProducerStats {
  pendingRecords: number
  pendingBytes: number
  inFlight: number
  /** The client's handler opens a connection for each request: `NodeHttpHandler` is better. */
  http2: boolean
  streams: Record<string, StreamStats>
}

/** What {@link StreamStats} counts. */
export class StreamCounters {
  accepted = 0
  delivered = 0
  readonly failed: Record<string, number> = {}
  requests = 0
  kinesisRecords = 0
  bytes = 0
  putUnits = 0
  throttled = 0
  retried = 0
  wrongShard = 0
  maybeDuplicated = 0
  readonly roundTrip = histogram()
  readonly latency = histogram()
  readonly shards = new Map<string, { kinesisRecords: number; bytes: number; throttled: number }>()

  shard(id: string): { kinesisRecords: number; bytes: number; throttled: number } {
    let counters = this.shards.get(id)
    if (counters === undefined)
      this.shards.set(id, (counters = { kinesisRecords: 0, bytes: 0, throttled: 0 }))
    return counters
  }

  countFailed(code: string): void {
    this.failed[code] = (this.failed[code] ?? 0) + 1
  }
}

export const UNIT_BYTES = 25 * 1024

/** PUT payload units that AWS bills for a Kinesis record. */
export function putUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / UNIT_BYTES))
}

function histogram(): Histogram {
  return { bucketsMs: BUCKETS_MS, counts: Array.from({ length: BUCKETS_MS.length + 1 }, () => 0) }
}

export function count({ counts }: Histogram, ms: number): void {
  const bucket = ms < 1 ? 0 : 32 - Math.clz32(Math.min(ms, 2 ** 30))
  counts[bucket < BUCKETS_MS.length ? bucket : BUCKETS_MS.length]!++
}
