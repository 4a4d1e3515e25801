/** Upper ends of the buckets of a {@link Histogram}, in milliseconds: powers of two. The last bucket has the rest. */
export const BUCKETS_MS: readonly number[] = Array.from({ length: 17 }, (_, i) => 2 ** i)

/** Counts by time, since the producer began. `counts[i]` took less than `bucketsMs[i]`, and not less than `bucketsMs[i - 1]`. */
export interface Histogram {
  /** Upper ends of the buckets, in milliseconds: 1, 2, 4, … 65,536. */
  readonly bucketsMs: readonly number[]
  /** One more than `bucketsMs`: the last one is of what took 65,536 ms or longer. */
  readonly counts: number[]
}

/** What happened at a shard. What is counted, is since the producer began. */
export interface ShardStats {
  /** Kinesis records stored. */
  kinesisRecords: number
  /** Bytes of their data and partition keys, as Kinesis counts them. */
  bytes: number
  /** Kinesis records that the shard refused for load. */
  throttled: number
  /**
   * Kinesis records a second that the producer allows itself now, and of bytes 1,048.576 times as many. At most `rateLimit`
   * × 1,000; less after refusals; `Infinity` with `rateLimit: Infinity`.
   */
  ratePerSecond: number
  /** User records that wait for the shard or are in flight to it, now. */
  pendingRecords: number
  /** Their bytes: keys, data and 64 a record. */
  pendingBytes: number
}

/**
 * What happened in a stream. What is counted, is since the producer began to use it; a stream that was not used for 30
 * minutes may be forgotten.
 */
export interface StreamStats {
  /** User records taken. Those that were refused are counted in `failed` alone. */
  accepted: number
  /** User records stored. */
  delivered: number
  /** User records that failed, by the code of their `PutError`; codes that did not occur are absent. */
  failed: Record<string, number>
  /** User records taken and not settled, now. */
  pendingRecords: number
  /** Their bytes: keys, data and 64 a record. */
  pendingBytes: number
  /** Milliseconds that the oldest of them has been pending, without times during which the process stood still; 0 if there is none. */
  oldestPendingMs: number
  /** Requests in flight, now. */
  inFlight: number
  /** Requests (calls of PutRecords) sent. */
  requests: number
  /** Kinesis records sent, repeats included. */
  kinesisRecords: number
  /** Bytes of their data and partition keys, as Kinesis counts them. */
  bytes: number
  /** PUT payload units that they take: one for each 25 KB (25,600 bytes) of a Kinesis record that was begun. */
  putUnits: number
  /** Kinesis records that were refused for load, by themselves or with their request. */
  throttled: number
  /** Kinesis records that were sent again, those made anew of user records that were sent before included. */
  retried: number
  /** Aggregates that were stored outside of their shard, by a reshard, and whose user records are put again. */
  wrongShard: number
  /** User records delivered of which an earlier attempt may be stored as well. */
  maybeDuplicated: number
  /** From sending a request to its end: an answer, an error or a time-out. One count a request. */
  roundTrip: Histogram
  /** From accepting a user record to knowing that it is stored. One count a user record delivered. */
  latency: Histogram
  /** By shard id: the open shards, and those that stored or refused records. */
  shards: Record<string, ShardStats>
}

/** Plain numbers; a copy, which does not change any more. */
export interface ProducerStats {
  /** User records taken and not settled, now; of a stream's handle those of the stream, as the next two. */
  pendingRecords: number
  /** Their bytes: keys, data and 64 a record. */
  pendingBytes: number
  /** Requests in flight, now. */
  inFlight: number
  /**
   * The client speaks HTTP/2 by the SDK's default handler, which opens a connection for each request: give it a
   * `NodeHttpHandler`.
   */
  http2: boolean
  /** By the name or ARN by which the stream was named; of a stream's handle that stream alone. */
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
