import { createHash } from 'node:crypto'

/** One past the highest hash key. */
const HASH_KEYS = 1n << 128n
/** Sequence numbers of real streams have 56 digits and begin like this. */
const FIRST_SEQUENCE_NUMBER = 49590338271490256608559692538361571095921575989136588898n

let lastSequenceNumber = FIRST_SEQUENCE_NUMBER

/** Ascends over all streams of the process, so that a stream made again never repeats one. */
const nextSequenceNumber = (): string => String(++lastSequenceNumber)

export type RecordDistribution = 'AUTO' | 'USER_PARTITION_KEY'

/** A Kinesis record as it was put. */
export interface MemoryEntry {
  Data: Uint8Array
  PartitionKey?: string | undefined
  ExplicitHashKey?: string | undefined
}

/** A Kinesis record as it is stored. */
export interface MemoryRecord {
  readonly shard: MemoryShard
  readonly sequenceNumber: string
  readonly partitionKey: string | undefined
  readonly explicitHashKey: string | undefined
  readonly data: Buffer
  readonly arrival: Date
}

export interface MemoryShard {
  readonly id: string
  readonly startingHashKey: bigint
  readonly endingHashKey: bigint
  readonly parents: readonly MemoryShard[]
  readonly startingSequenceNumber: string
  /** Closed if it is there: no record goes there any more. */
  endingSequenceNumber?: string
  readonly records: MemoryRecord[]
}

/** The shards and records of one stream. A closed shard stays, as it does in Kinesis until its records expire. */
export class MemoryStream {
  /** Tells a stream from one of the same name that was deleted before. */
  readonly id = nextSequenceNumber()
  readonly arn: string
  readonly created = new Date()
  /** All shards, in the order in which they came to be. */
  readonly shards: MemoryShard[] = []
  /** All records, in the order of storing. */
  readonly records: MemoryRecord[] = []
  recordDistribution: RecordDistribution
  /** What a record's data and partition key may have together. */
  maxRecordBytes = 1 << 20
  #turn = 0

  constructor(
    readonly name: string,
    shards = 1,
    recordDistribution: RecordDistribution = 'USER_PARTITION_KEY'
  ) {
    this.arn = `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`
    this.recordDistribution = recordDistribution
    const width = HASH_KEYS / BigInt(shards)
    for (let i = 0n; i < shards; i++) {
      this.#open(i * width, i === BigInt(shards) - 1n ? HASH_KEYS - 1n : (i + 1n) * width - 1n, [])
    }
  }

  /** By hash key. */
  get openShards(): MemoryShard[] {
    return this.shards
      .filter(shard => shard.endingSequenceNumber === undefined)
      .toSorted((a, b) => (a.startingHashKey < b.startingHashKey ? -1 : 1))
  }

  /** @returns `undefined` if there is no such shard, closed ones included */
  shard(id: string): MemoryShard | undefined {
    return this.shards.find(shard => shard.id === id)
  }

  /** The shard that a record put now goes to. */
  shardFor({ PartitionKey = '', ExplicitHashKey }: Omit<MemoryEntry, 'Data'>): MemoryShard {
    const open = this.openShards
    // Kinesis distributes as it likes here; each shard in turn shows soonest that keys do not count.
    if (this.recordDistribution === 'AUTO') return open[this.#turn++ % open.length]!
    const hashKey = hashKeyOf(PartitionKey, ExplicitHashKey)
    return open.find(shard => hashKey <= shard.endingHashKey)!
  }

  put(entry: MemoryEntry, shard = this.shardFor(entry)): MemoryRecord {
    const record: MemoryRecord = {
      shard,
      sequenceNumber: nextSequenceNumber(),
      partitionKey: entry.PartitionKey,
      explicitHashKey: entry.ExplicitHashKey,
      data: Buffer.from(entry.Data),
      arrival: new Date()
    }
    shard.records.push(record)
    this.records.push(record)
    return record
  }

  /** @param id of an open shard; the one with the most hash keys, if none is named */
  split(id?: string): [MemoryShard, MemoryShard] {
    const widest = (a: MemoryShard, b: MemoryShard): MemoryShard => (width(b) > width(a) ? b : a)
    const shard = id === undefined ? this.openShards.reduce(widest) : this.#openShard(id)
    if (width(shard) < 2n) throw new Error(`${shard.id} has a single hash key`)
    const middle = (shard.startingHashKey + shard.endingHashKey) / 2n
    this.#close(shard)
    return [
      this.#open(shard.startingHashKey, middle, [shard]),
      this.#open(middle + 1n, shard.endingHashKey, [shard])
    ]
  }

  /**
   * Merges a shard with the next one by hash key; the last one with the one before it.
   *
   * @param id of an open shard; the first one by hash key, if none is named
   */
  merge(id?: string): MemoryShard {
    const open = this.openShards
    if (open.length < 2) throw new Error(`${this.name} has a single shard`)
    const at = id === undefined ? 0 : open.indexOf(this.#openShard(id))
    const low = open[Math.min(at, open.length - 2)]!
    const high = open[Math.min(at, open.length - 2) + 1]!
    this.#close(low)
    this.#close(high)
    return this.#open(low.startingHashKey, high.endingHashKey, [low, high])
  }

  #openShard(id: string): MemoryShard {
    const shard = this.shard(id)
    if (shard === undefined || shard.endingSequenceNumber !== undefined) {
      throw new Error(`${this.name} has no open shard ${id}`)
    }
    return shard
  }

  #open(startingHashKey: bigint, endingHashKey: bigint, parents: MemoryShard[]): MemoryShard {
    const shard: MemoryShard = {
      id: `shardId-${String(this.shards.length).padStart(12, '0')}`,
      startingHashKey,
      endingHashKey,
      parents,
      startingSequenceNumber: nextSequenceNumber(),
      records: []
    }
    this.shards.push(shard)
    return shard
  }

  #close(shard: MemoryShard): void {
    shard.endingSequenceNumber = nextSequenceNumber()
  }
}

const width = (shard: MemoryShard): bigint => shard.endingHashKey - shard.startingHashKey + 1n

/** Without the native half: a test double must not share the mistakes of what it tests. */
function hashKeyOf(partitionKey: string, explicitHashKey: string | undefined): bigint {
  if (explicitHashKey !== undefined) return BigInt(explicitHashKey)
  return BigInt(`0x${createHash('md5').update(partitionKey, 'utf8').digest('hex')}`)
}
