import { native } from '../native/loader'
import { KinesisAggError, invalidArgument } from '../errors'
import { MAX_HASH_KEY, hashKeyText, invalidHashKey, isHashKey, parseHashKey } from '../hash-key'
import { checkPartitionKey } from '../aggregation/user-record'
import { type ShardTable, positionOf, shardTable } from './shard-table'

/** A shard as ListShards describes it. */
export interface Shard {
  ShardId: string | undefined
  HashKeyRange: { StartingHashKey: string | undefined; EndingHashKey: string | undefined } | undefined
  /** A shard with an `EndingSequenceNumber` is closed: no record goes there any more. */
  SequenceNumberRange?: { EndingSequenceNumber?: string | undefined } | undefined
}

/** A shard and the hash keys that go there, both ends included. */
export interface ShardRange {
  shardId: string
  startingHashKey: bigint
  endingHashKey: bigint
}

/**
 * The hash key by which Kinesis chooses a record's shard: the explicit one, else the MD5 of the partition
 * key's UTF-8 bytes, as a 128-bit number.
 *
 * @param explicitHashKey decimal, in [0, 2^128); `undefined` and `''` mean none
 * @throws KinesisAggError `ERR_INVALID_PARTITION_KEY` (over 256 characters), `ERR_INVALID_HASH_KEY`
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function hashKeyOf(partitionKey: string, explicitHashKey?: string | bigint): bigint {
  if (typeof partitionKey !== 'string') throw invalidArgument('partitionKey', 'a string', partitionKey)
  checkPartitionKey(partitionKey, undefined)
  const explicit = textOf(explicitHashKey)
  return explicit === undefined ? hashOf(partitionKey) : parseHashKey(explicit)
}

const hash = new Uint8Array(16)
const halves = new DataView(hash.buffer)

/** The MD5 of a partition key as a number. */
export function hashOf(partitionKey: string): bigint {
  native.hashKey(partitionKey, hash)
  return (halves.getBigUint64(0) << 64n) | halves.getBigUint64(8)
}

/** No numbers, unlike those of records: literals of 39 digits are what one writes here. */
function textOf(hashKey: unknown): string | undefined {
  if (typeof hashKey === 'number') {
    throw invalidArgument('explicitHashKey', 'a decimal string or a bigint', hashKey)
  }
  return hashKeyText(hashKey, 'explicitHashKey', undefined)
}

/**
 * The open shards of a stream, by hash key. Immutable; after a reshard make a new one.
 *
 * @example
 * const { Shards } = await client.send(new ListShardsCommand({ StreamName: 'readings' }))
 * const shards = new ShardMap(Shards)
 * shards.shardFor('device-1').shardId
 */
export class ShardMap {
  readonly #ranges: readonly ShardRange[]
  readonly #table: ShardTable

  /**
   * @param shards what ListShards returns; closed shards are left out, the order does not matter
   * @throws KinesisAggError `ERR_INVALID_SHARDS`: no open shard, a gap, an overlap, a range that is none
   * @throws TypeError `ERR_INVALID_ARG_TYPE`
   */
  constructor(shards: readonly Shard[]) {
    if (!Array.isArray(shards)) throw invalidArgument('shards', 'an array of shards', shards)
    const ranges = (shards as readonly Shard[]).flatMap((shard, i) => readShard(shard, `shards[${i}]`))
    this.#ranges = checkCover(ranges.toSorted((a, b) => (a.startingHashKey < b.startingHashKey ? -1 : 1)))
    this.#table = shardTable(this.#ranges.map(({ startingHashKey }) => startingHashKey))
  }

  /** The open shards, by hash key. */
  get shards(): readonly ShardRange[] {
    return this.#ranges.map(range => ({ ...range }))
  }

  /**
   * The shard that a record goes to.
   *
   * @throws KinesisAggError `ERR_INVALID_PARTITION_KEY` (over 256 characters), `ERR_INVALID_HASH_KEY`
   * @throws TypeError `ERR_INVALID_ARG_TYPE`
   */
  shardFor(partitionKey: string, explicitHashKey?: string | bigint): ShardRange {
    if (typeof partitionKey !== 'string') throw invalidArgument('partitionKey', 'a string', partitionKey)
    return { ...this.#ranges[this.indexOf(partitionKey, textOf(explicitHashKey), undefined)]! }
  }

  /** @internal For the native half. */
  get table(): ShardTable {
    return this.#table
  }

  /** @internal The position of a record's shard in {@link shards}; `record` is for the error. */
  indexOf(partitionKey: string, explicitHashKey: string | undefined, record: unknown): number {
    checkPartitionKey(partitionKey, record)
    const position = positionOf(this.#table, partitionKey, explicitHashKey)
    if (position < 0) throw invalidHashKey(explicitHashKey!, { record })
    return position
  }

  /** @internal As {@link indexOf}, for many records at once: see `shardsOfKeys` of the native half. */
  findAll(records: Uint8Array, places: Uint32Array, count: number): void {
    native.shardsOfKeys(this.#table, records, places, count)
  }
}

function readShard(shard: Shard, name: string): ShardRange[] {
  if (shard === null || typeof shard !== 'object') throw invalidArgument(name, 'a shard', shard)
  const { ShardId, HashKeyRange, SequenceNumberRange } = shard
  if (SequenceNumberRange?.EndingSequenceNumber != null) return []
  if (typeof ShardId !== 'string') throw invalidArgument(`${name}.ShardId`, 'a string', ShardId)
  const startingHashKey = readEnd(HashKeyRange?.StartingHashKey, ShardId, 'StartingHashKey')
  const endingHashKey = readEnd(HashKeyRange?.EndingHashKey, ShardId, 'EndingHashKey')
  if (startingHashKey > endingHashKey) {
    throw invalidShards(`shard ${ShardId} starts at ${startingHashKey}, behind its end ${endingHashKey}`)
  }
  return [{ shardId: ShardId, startingHashKey, endingHashKey }]
}

function readEnd(text: unknown, shardId: string, name: string): bigint {
  if (typeof text === 'string' && isHashKey(text)) return BigInt(text)
  throw invalidShards(`${name} of shard ${shardId} is no decimal number in [0, 2^128): ${String(text)}`)
}

/** The ranges in order must leave nothing out, and name nothing twice. */
function checkCover(ranges: ShardRange[]): ShardRange[] {
  if (ranges.length === 0) throw invalidShards('there is no open shard')
  let next = 0n
  let before = 'the first hash key'
  for (const { shardId, startingHashKey, endingHashKey } of ranges) {
    if (startingHashKey > next) {
      throw invalidShards(
        `no shard holds the hash keys from ${next} to ${startingHashKey - 1n}, between ${before} and ${shardId}`
      )
    }
    if (startingHashKey < next) {
      throw invalidShards(`shards ${before} and ${shardId} overlap from ${startingHashKey}`)
    }
    next = endingHashKey + 1n
    before = shardId
  }
  if (next <= MAX_HASH_KEY)
    throw invalidShards(`no shard holds the hash keys from ${next} to ${MAX_HASH_KEY}, after ${before}`)
  return ranges
}

function invalidShards(what: string): KinesisAggError {
  return new KinesisAggError('ERR_INVALID_SHARDS', `Invalid shards: ${what}`)
}
