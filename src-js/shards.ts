import { native } from './binding'
import { KinesisAggError, invalidArgument } from './errors'
import { MAX_HASH_KEY, checkHashKey, checkPartitionKey } from './user-record'

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

/** A client of the AWS SDK v3: `KinesisClient` or `Kinesis`. */
export interface KinesisClientLike {
  send(command: never): Promise<unknown>
}

/** Which stream; one of the two. */
export interface StreamName {
  StreamName?: string | undefined
  StreamARN?: string | undefined
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
  const explicit = hashKeyText(explicitHashKey)
  return explicit === undefined ? hashOf(partitionKey) : checkHashKey(explicit, undefined)
}

const hash = new Uint8Array(16)
const halves = new DataView(hash.buffer)

/** The MD5 of a partition key as a number. */
export function hashOf(partitionKey: string): bigint {
  native.hashKey(partitionKey, hash)
  return (halves.getBigUint64(0) << 64n) | halves.getBigUint64(8)
}

function hashKeyText(hashKey: unknown): string | undefined {
  if (hashKey === undefined || hashKey === null || hashKey === '') return undefined
  if (typeof hashKey === 'string') return hashKey
  if (typeof hashKey === 'bigint') return String(hashKey)
  throw invalidArgument('explicitHashKey', 'a decimal string or a bigint', hashKey)
}

/** Ranges of hash keys for the native half. */
export type ShardTable = ReturnType<typeof native.shardTable>

/** @param starts the first hash keys of ranges that follow each other: 0, then ever higher ones */
export function shardTable(starts: readonly bigint[]): ShardTable {
  const bytes = new DataView(new ArrayBuffer(starts.length * 16))
  for (const [i, start] of starts.entries()) {
    bytes.setBigUint64(i * 16, start >> 64n)
    bytes.setBigUint64(i * 16 + 8, start & 0xffff_ffff_ffff_ffffn)
  }
  return native.shardTable(new Uint8Array(bytes.buffer))
}

/**
 * The position of the range that a record belongs to.
 *
 * @throws KinesisAggError `ERR_INVALID_HASH_KEY`
 */
export function positionOf(
  table: ShardTable,
  partitionKey: string,
  explicitHashKey: string | undefined,
  record: unknown,
  sequenceNumber?: string
): number {
  if (explicitHashKey === undefined) return native.shardOfKey(table, partitionKey)
  const position = native.shardOfHashKey(table, explicitHashKey)
  // Throws: the native half has found it to be none.
  if (position < 0) checkHashKey(explicitHashKey, record, sequenceNumber)
  return position
}

/**
 * The open shards of a stream, by hash key. Immutable; after a reshard make a new one.
 *
 * @example
 * const shards = await ShardMap.fetch(client, { StreamName: 'readings' })
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

  /**
   * Asks Kinesis for the shards, page by page.
   *
   * @param client of the AWS SDK v3, the caller's; needs the permission `kinesis:ListShards`
   * @throws KinesisAggError `ERR_INVALID_SHARDS`: also while a reshard is under way, if the answer has a gap
   * @throws TypeError `ERR_INVALID_ARG_TYPE`
   */
  static async fetch(client: KinesisClientLike, stream: StreamName): Promise<ShardMap> {
    const listShards = await listShardsOf(client)
    const { StreamName, StreamARN } = checkStream(stream)
    const shards: Shard[] = []
    let page = await listShards(StreamARN === undefined ? { StreamName } : { StreamARN })
    for (;;) {
      shards.push(...(page.Shards ?? []))
      // The token stands for the stream too: Kinesis refuses a request with the token and the name.
      if (page.NextToken === undefined || page.NextToken === null) return new ShardMap(shards)
      page = await listShards(
        StreamARN === undefined ? { NextToken: page.NextToken } : { NextToken: page.NextToken, StreamARN }
      )
    }
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
    return { ...this.#ranges[this.indexOf(partitionKey, hashKeyText(explicitHashKey), undefined)]! }
  }

  /** @internal The position of a record's shard in {@link shards}; `record` is for the error. */
  indexOf(partitionKey: string, explicitHashKey: string | undefined, record: unknown): number {
    checkPartitionKey(partitionKey, record)
    return positionOf(this.#table, partitionKey, explicitHashKey, record)
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
  if (typeof text === 'string' && /^\d{1,39}$/.test(text)) {
    const number = BigInt(text)
    if (number <= MAX_HASH_KEY) return number
  }
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

interface ListShardsPage {
  Shards?: Shard[] | undefined
  NextToken?: string | undefined
}

type ListShards = (input: object) => Promise<ListShardsPage>

async function listShardsOf(client: unknown): Promise<ListShards> {
  const { listShards, send } = (client ?? {}) as { listShards?: unknown; send?: unknown }
  if (typeof listShards === 'function')
    return input => (client as { listShards: ListShards }).listShards(input)
  if (typeof send !== 'function') throw invalidArgument('client', 'a KinesisClient of the AWS SDK v3', client)
  const { ListShardsCommand } = await loadSdk(client)
  return input => (client as { send: ListShards }).send(new ListShardsCommand(input as never))
}

/** The caller has the package, since it made the client. In a `try`, bundlers let it be missing. */
async function loadSdk(client: unknown): Promise<typeof import('@aws-sdk/client-kinesis')> {
  try {
    return await import('@aws-sdk/client-kinesis')
  } catch (cause) {
    const expected = 'of the class Kinesis where @aws-sdk/client-kinesis cannot be imported'
    throw Object.assign(invalidArgument('client', expected, client), { cause })
  }
}

function checkStream(stream: unknown): StreamName {
  const { StreamName, StreamARN } = (stream ?? {}) as StreamName
  if (typeof (StreamARN ?? StreamName) !== 'string') {
    throw invalidArgument('stream', '{ StreamName } or { StreamARN }', stream)
  }
  return { StreamName, StreamARN }
}
