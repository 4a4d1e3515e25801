import { push } from '../aggregation/record-aggregator'
import { native } from '../native/loader'
import { AggregateBuilder, OVERHEAD } from '../aggregation/aggregate-builder'
import { ALONE, invalidArgument } from '../errors'
import { checkAggregateOptions } from '../aggregation/options'
import { ShardMap, hashOf } from './shard-map'
import type { AggregateInput, AggregateOptions, EncodedRecord } from '../types'
import { type NormalizedUserRecord, checkPartitionKey, normalizeUserRecord } from '../aggregation/user-record'
import { type OnShardFound, PendingLookups } from './pending-lookups'

/** Keys of at most 256 characters each: a bound for the memory, not a tuned number. */
const MAX_CACHED = 4096

/** Keys after which a look is taken whether they repeat again. */
const UNCACHED_KEYS = 16 * MAX_CACHED

/** Data up to which a copy more costs less than a look-up by itself. */
const LARGE = 1024

/** Of more shards, one is almost always nearly full. */
const MAX_SHARDS = 256

/** Fewer records are not worth the waiting. */
const MIN_PENDING = 4

/**
 * A {@link RecordAggregator} for streams that KCL reads: one aggregate per shard, so that no user record
 * lies in another shard's aggregate. KCL 2 and later drops whole aggregates in which one does.
 *
 * Memory: at most shards × (`maxSize` + 1 KiB) for the keys and data that are buffered, and beside them up to 40 bytes
 * for each buffered record and about 100 for each different key. A small `maxSize` bounds it; 51,200 bytes, the
 * KPL's own default, is a good one, since Kinesis bills in units of 25 KB.
 *
 * @example
 * const aggregator = new ShardedAggregator(await fetchShardMap(client, 'readings'), { maxSize: 51_200 })
 * for (const record of records) {
 *   const full = aggregator.push(record)
 *   if (full !== undefined) await put(full)
 * }
 * for (const rest of aggregator.flush()) await put(rest)
 */
export class ShardedAggregator {
  #shards: ShardMap
  readonly #maxSize: number
  readonly #strict: boolean
  #builders: (AggregateBuilder | undefined)[] = []
  /** Records that are in no builder yet. */
  readonly #pending = new PendingLookups()
  /** Size of the fullest builder, or a higher number. */
  #maxBuilderSize = OVERHEAD
  /** Shards of partition keys that came before: a look-up by itself costs half as much as all the rest of a push. */
  readonly #shardCache = new Map<string, number>()
  #hits = 0
  /** How many more keys are not to be kept. */
  #uncachedKeys = 0

  /** @throws TypeError `ERR_INVALID_ARG_TYPE` */
  constructor(shards: ShardMap, options?: AggregateOptions) {
    this.#shards = checkShards(shards)
    const { maxSize, strict } = checkAggregateOptions(options)
    this.#maxSize = maxSize
    this.#strict = strict ?? true
  }

  /**
   * Adds a record to the aggregate of its shard. If it does not fit there, what is there is encoded first.
   *
   * @returns that shard's full aggregate, if there was one; put it with its `explicitHashKey`
   * @throws KinesisAggError `ERR_INVALID_PARTITION_KEY` (over 256 characters), `ERR_INVALID_HASH_KEY`,
   * `ERR_RECORD_TOO_LARGE`, `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`. Nothing that is buffered is lost.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`
   */
  push(record: AggregateInput): EncodedRecord | undefined {
    const opened = normalizeUserRecord(record, this.#strict, ALONE)
    const known = this.#cachedShardOf(opened)
    if (known === undefined && this.#defer(opened)) return undefined
    this.#resolvePending()
    const builder = this.#collectorOf(known ?? this.#lookUp(opened))
    const full = push(builder, opened, true)
    if (full === undefined) {
      this.#noteSize(builder)
      return undefined
    }
    this.#findMaxBuilderSize()
    return routed(full)
  }

  /** Encodes what is buffered, one record per shard that has something, by hash key. */
  flush(): EncodedRecord[] {
    this.#resolvePending()
    const encoded = this.#builders
      .filter(builder => builder !== undefined && builder.count > 0)
      .map(builder => routed(builder!.build(false)))
    if (encoded.length > 0) native.seal(encoded.map(({ data }) => data))
    this.#maxBuilderSize = OVERHEAD
    return encoded
  }

  /**
   * Goes on with other shards, after a reshard.
   *
   * @returns what was buffered for the old ones, as {@link flush} would
   * @throws TypeError `ERR_INVALID_ARG_TYPE`
   */
  updateShards(shards: ShardMap): EncodedRecord[] {
    checkShards(shards)
    const encoded = this.flush()
    this.#shards = shards
    this.#resetCache()
    this.#builders = []
    return encoded
  }

  #collectorOf(shard: number): AggregateBuilder {
    return (this.#builders[shard] ??= new AggregateBuilder(this.#maxSize))
  }

  #cachedShardOf({ partitionKey, explicitHashKey }: NormalizedUserRecord): number | undefined {
    if (explicitHashKey !== undefined) return undefined
    if (this.#uncachedKeys > 0) {
      // None is known meanwhile.
      this.#uncachedKeys--
      return undefined
    }
    const known = this.#shardCache.get(partitionKey)
    if (known !== undefined) this.#hits++
    return known
  }

  #lookUp({ partitionKey, explicitHashKey, record }: NormalizedUserRecord): number {
    const shard = this.#shards.indexOf(partitionKey, explicitHashKey, record)
    if (explicitHashKey === undefined) this.#cacheShard(partitionKey, shard)
    return shard
  }

  #cacheShard(partitionKey: string, shard: number): void {
    if (this.#uncachedKeys > 0) return
    if (this.#shardCache.size === MAX_CACHED) this.#resetCache()
    else this.#shardCache.set(partitionKey, shard)
  }

  /**
   * Lets a record wait until its shard is looked up together with those of others. A record may wait only as long as all
   * that wait are sure to fit, whatever their shards are: so nobody can tell that it waited.
   */
  #defer({ partitionKey, explicitHashKey, data, record }: NormalizedUserRecord): boolean {
    if (explicitHashKey !== undefined || data.length > LARGE) return false
    // Each key that is known ends the waiting.
    if (this.#hits * MIN_PENDING > this.#shardCache.size + this.#pending.count) return false
    // Where it is tight, the rest is not worth the time.
    if (this.#maxBuilderSize + MIN_PENDING * (partitionKey.length + data.length) > this.#maxSize) return false
    checkPartitionKey(partitionKey, record)
    if (this.#pending.add(partitionKey, data, this.#maxSize - this.#maxBuilderSize)) return true
    this.#resolvePending()
    return this.#pending.add(partitionKey, data, this.#maxSize - this.#maxBuilderSize)
  }

  /** Brings the records that wait to their shards. */
  #resolvePending(): void {
    if (this.#pending.count > 0) this.#pending.drain(this.#shards, this.#addResolved)
  }

  readonly #addResolved: OnShardFound = (shard, partitionKey, bytes, at, keyBytes, dataBytes) => {
    const builder = this.#collectorOf(shard)
    builder.addFrom(bytes, at, partitionKey, keyBytes, dataBytes)
    this.#noteSize(builder)
    this.#cacheShard(partitionKey, shard)
  }

  #noteSize({ size }: AggregateBuilder): void {
    if (size > this.#maxBuilderSize) this.#maxBuilderSize = size
  }

  #findMaxBuilderSize(): void {
    if (this.#builders.length > MAX_SHARDS) {
      this.#maxBuilderSize = this.#maxSize
      return
    }
    this.#maxBuilderSize = OVERHEAD
    for (const builder of this.#builders) if (builder !== undefined) this.#noteSize(builder)
  }

  /** Begins anew; where keys hardly ever repeat, to know them costs more than it saves. */
  #resetCache(): void {
    this.#uncachedKeys = this.#hits < MAX_CACHED / 4 ? UNCACHED_KEYS : 0
    this.#hits = 0
    this.#shardCache.clear()
  }
}

function checkShards(shards: unknown): ShardMap {
  if (!(shards instanceof ShardMap)) throw invalidArgument('shards', 'a ShardMap', shards)
  return shards
}

/**
 * Gives an encoded record the hash key of its first user record, which lies inside the shard, as the KPL
 * does: so it goes there even if something between here and Kinesis changes its partition key.
 */
function routed(encoded: EncodedRecord): EncodedRecord {
  if (encoded.explicitHashKey === undefined) {
    encoded.explicitHashKey = String(hashOf(encoded.partitionKey))
    encoded.ExplicitHashKey = encoded.explicitHashKey
  }
  return encoded
}
