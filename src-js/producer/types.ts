import type { AggregateInput } from '../types'
import type { ShardRange } from '../shards/shard-map'
import type { PutError } from './errors'

/** A client of the AWS SDK v3: `KinesisClient`, `Kinesis`, or a double of one. */
export interface KinesisClientLike {
  send(command: never, options?: never): Promise<unknown>
}

/** The same record, but its partition key may be `undefined` or `''`; the property itself is required. */
type WithOptionalKey<R> = R extends { partitionKey: unknown }
  ? Omit<R, 'partitionKey'> & { partitionKey: string | undefined }
  : R extends { PartitionKey: unknown }
    ? Omit<R, 'PartitionKey'> & { PartitionKey: string | undefined }
    : R

/**
 * A user record to deliver: all that `aggregate()` takes. Without a partition key (`undefined` or `''`) the producer
 * chooses the shard, and promises no order.
 */
export type ProducerRecord = WithOptionalKey<AggregateInput> & {
  /** Name or ARN of the stream. @default the producer's own */
  stream?: string | undefined
  /** Handed back with the result and the error, by reference. */
  context?: unknown
}

/** What one request that carried a record came to. */
export interface Attempt {
  /** When it ended, by the wall clock. */
  at: Date
  /** `safe`: certainly not stored. `unknown`: may be stored. `permanent`: to repeat it alone does not help. */
  outcome: 'safe' | 'unknown' | 'permanent'
  /** Name of the error, or what Kinesis said of the entry. */
  code: string
  /** What Kinesis, the SDK or the network said. */
  message: string
  /** The shard that it was to go to; absent if it was not known. */
  shardId?: string
}

/** Where a record is stored. */
export interface PutResult {
  /** As the record, or the producer, named it. */
  stream: string
  /** As Kinesis answered. */
  shardId: string
  /** Of the Kinesis record, as Kinesis answered; user records of one aggregate share it. */
  sequenceNumber: string
  /** Position in the aggregate, from 0; only of a record that went as part of one. */
  subSequenceNumber?: number
  /** Requests that carried the record, the last one included. */
  attempts: number
  /** An earlier attempt may be stored as well. */
  maybeDuplicated: boolean
  /** Passed through unchanged from the record. */
  context?: unknown
}

/** How the records of a stream are delivered. */
export interface StreamOptions {
  /**
   * `true`: user records share Kinesis records per shard, and per key (or not at all, while the stream may be one whose
   * record distribution Kinesis manages) as long as the shards are unknown. `'key'`: only records of one key share; needs
   * no ListShards. `false`: each goes by itself.
   *
   * @default true
   */
  aggregation?: true | 'key' | false | undefined
  /**
   * Readers use KCL, which drops an aggregate that a split put outside its shard: such an aggregate is put again.
   * `false`: it counts as stored.
   *
   * @default true
   */
  kclReaders?: boolean | undefined
  /**
   * `'key'`: records of one hash key are stored in the order of acceptance, one request after the other. `'none'`: any
   * number in flight.
   *
   * @default 'key'
   */
  ordering?: 'key' | 'none' | undefined
  /** The longest that a record waits for others, in ms, from 0 (no wait). An awaited `put` pays it. @default 100 */
  lingerMs?: number | undefined
  /** Bytes of an aggregate (data and outer partition key), from 64 to 10 MiB; never exceeded. @default 262144 */
  maxAggregateBytes?: number | undefined
  /** User records of an aggregate, from 1. @default no limit */
  maxAggregateRecords?: number | undefined
  /**
   * Bytes of a record's key and data, up to 10 MiB; a larger record fails with `ERR_RECORD_TOO_LARGE`. Raised by what
   * DescribeStreamSummary says.
   *
   * @default 1048576
   */
  maxRecordBytes?: number | undefined
  /** Who distributes the records: Kinesis (`'AUTO'`) or the keys; `'detect'` asks and watches. @default 'detect' */
  recordDistribution?: 'detect' | 'USER_PARTITION_KEY' | 'AUTO' | undefined
  /**
   * Time in ms that a record may wait to be stored; then it fails with `ERR_RECORD_EXPIRED`. `Infinity`: for ever. Time
   * during which the process stood still does not count.
   *
   * @default 120000
   */
  recordTtlMs?: number | undefined
  /**
   * Share of a shard's limits (1 MiB and 1,000 Kinesis records a second) that the producer uses at most, over 0.
   * `Infinity`: no pacing.
   *
   * @default 1
   */
  rateLimit?: number | undefined
  /** `'fail'`: a throttled record fails at once with `ERR_THROTTLED`. @default 'retry' */
  onThrottle?: 'retry' | 'fail' | undefined
}

/** How a producer works. */
export interface KinesisProducerOptions extends StreamOptions {
  /** Left as it is. Without one the producer makes its own from `clientConfig`, and destroys it in `close()`. */
  client?: KinesisClientLike | undefined
  /** For the client that the producer makes: region, endpoint, credentials and so on. */
  clientConfig?: object | undefined
  /** Name or ARN, for records that name none. */
  stream?: string | undefined
  /** Bytes that may wait or be in flight: key, data and 64 a record. @default 33554432 */
  maxPendingBytes?: number | undefined
  /** Records that may wait or be in flight. @default 100000 */
  maxPendingRecords?: number | undefined
  /** Requests in flight, of all streams. @default 24 */
  maxInFlight?: number | undefined
  /** Time in ms for a request to be answered; 1 s more for each 256 KiB of it. @default 6000 */
  requestTimeoutMs?: number | undefined
  /**
   * How long, in ms, an error that does not go away by itself (no permission, no such stream) is tried again before records
   * fail with it.
   *
   * @default 10000
   */
  permanentErrorGraceMs?: number | undefined
}

/**
 * The events of a producer. There is no `'error'`. Listeners are called from a microtask or a later turn of the event loop,
 * never amid a call of yours; what one throws is thrown again where it harms nobody else.
 */
export interface ProducerEvents {
  /** A record that was given to `write` failed, or was refused. Once for each record. */
  failed: [PutError]
  /**
   * There is room again: what is pending fell below a quarter of `maxPendingRecords` and of `maxPendingBytes`, after half
   * of one of them had been reached. `stream` is not set: the limits are those of all streams together.
   */
  drain: [{ stream?: string }]
  /**
   * Kinesis refused Kinesis records of a shard for load, so that the producer slows down; at most once in 250 ms for each
   * shard. `stream`: as it was named. `shardId`: absent while the shards are unknown; then it is about the whole stream.
   * `ratePerSecond`: Kinesis records a second that the producer allows itself from now on, and of bytes 1,048.576 times as
   * many; it rises again slowly. Requests that were refused as a whole have no event; `throttled` of `stats()` counts
   * them.
   */
  throttled: [{ stream: string; shardId?: string; ratePerSecond: number }]
  /**
   * The shards of a stream are known, or are others than before. `stream`: as it was named. `shards`: the open ones, with
   * their ranges of hash keys. `reason`: `'first'`, the first time; `'reshard'`, since an answer came from a shard that was
   * not expected, or the stream was made again; `'interval'`, found when the shards were listed again after about 5 minutes.
   */
  shards: [{ stream: string; shards: readonly ShardRange[]; reason: 'first' | 'reshard' | 'interval' }]
  /**
   * Something to look at; once for each text. `message`: for people, begins with the stream's name where it is about one.
   * `code`: stable, one of
   *
   * - `SHARDS_UNKNOWN`: ListShards is not allowed, so that records of different keys cannot share Kinesis records.
   * - `AGGREGATION_OFF`: neither ListShards nor DescribeStreamSummary is allowed, so that each record goes by itself.
   * - `AUTO_DISTRIBUTION`: Kinesis distributes the records of the stream; they are not aggregated, and have no order.
   * - `SEQUENTIAL_PUTS`: 50 times in a row a `put` came only when the one before was settled, so that each pays `lingerMs`
   *   and a round trip.
   * - `STREAM_NAMED_TWICE`: a stream is used by its name and by its ARN, so that order and pacing are kept for each by itself.
   * - `CONNECTION_STUCK`: three requests timed out without a success between.
   * - `UNKNOWN_ERROR`: Kinesis or the network answered with an error that the producer does not know; it tries again.
   */
  warning: [{ code: string; message: string }]
}
