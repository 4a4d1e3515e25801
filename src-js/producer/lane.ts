import type { KinesisEntry } from './kinesis-entry'
import { RecordQueue } from './record-queue'
import type { ShardPace } from './shard-pace'
import type { SlabPool } from './slab'
import type { KnownShard } from './stream-shards'

/** The records of a shard, of one hash key, or of all of a stream whose order nobody keeps. */
export type LaneKind = 'shard' | 'key' | 'any'

/** Records of one stream that go one after the other: in an ordered stream at most one Kinesis record is in flight. */
export class Lane {
  readonly kind: LaneKind
  /** The hash keys of its records; of kind `any` all of them. */
  readonly lo: bigint
  readonly hi: bigint
  /** Where its records should be stored, as far as known. */
  shard: KnownShard | undefined
  pace: ShardPace
  /** Waiting records, the oldest first. */
  readonly queue: RecordQueue
  /** Kinesis records that wait to be tried again, before the queue. At most one in an ordered stream. */
  readonly frozen: KinesisEntry[] = []
  /** Kinesis records in flight. */
  flights = 0
  /** Kinesis records whose answers are held. */
  held = 0
  /** User records and their bytes that are frozen, in flight or held. */
  outRecords = 0
  outBytes = 0
  /** Pauses after errors that were not throttling. */
  notBefore = 0
  failures = 0
  /** The last error of one of its requests. */
  cause: unknown
  /** Others took its range over: it sends nothing any more, and ends with its last answer. */
  retired = false
  /** It is in its pace's list. */
  isDue = false
  /** When its oldest record has waited long enough. */
  dueAt = Infinity
  /** What {@link DueLanes} counted for it. */
  dueBytes = 0

  constructor(
    kind: LaneKind,
    range: { lo: bigint; hi: bigint },
    shard: KnownShard | undefined,
    pace: ShardPace,
    pool: SlabPool
  ) {
    this.kind = kind
    this.lo = range.lo
    this.hi = range.hi
    this.shard = shard
    this.pace = pace
    this.queue = new RecordQueue(pool)
  }

  get hasRecords(): boolean {
    return this.queue.records > 0 || this.frozen.length > 0
  }

  get isOut(): boolean {
    return this.flights > 0 || this.held > 0
  }

  /** Records and bytes of all that it has, as pending records are counted. */
  get records(): number {
    return this.queue.records + this.outRecords
  }

  get bytes(): number {
    return this.queue.bytes + this.outBytes + 64 * this.records
  }

  /** An entry was made of its queue. */
  lend({ records, segment }: KinesisEntry): void {
    this.outRecords += records
    this.outBytes += segment.end - segment.from
  }

  /** The entry is settled, or taken apart. */
  takeBack({ records, segment }: KinesisEntry): void {
    this.outRecords -= records
    this.outBytes -= segment.end - segment.from
  }
}
