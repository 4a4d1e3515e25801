import { push } from './aggregator'
import { native } from './binding'
import { Collector, OVERHEAD } from './collector'
import { invalidArgument } from './errors'
import { checkAggregateOptions } from './options'
import { ShardMap, hashOf } from './shards'
import type { AggregateInput, AggregateOptions, EncodedRecord } from './types'
import { type OpenUserRecord, checkPartitionKey, openUserRecord } from './user-record'
import { type TakeWaiting, WaitingRecords } from './waiting-records'

/** Keys of at most 256 characters each: a bound for the memory, not a tuned number. */
const MOST_KNOWN = 4096

/** Keys after which a look is taken whether they repeat again. */
const UNWANTED = 16 * MOST_KNOWN

/** Data up to which a copy more costs less than a look-up by itself. */
const LARGE = 1024

/** Of more shards, one is almost always nearly full. */
const MOST_SHARDS = 256

/** Fewer records are not worth the waiting. */
const FEWEST = 4

/**
 * A {@link RecordAggregator} for streams that KCL reads: one aggregate per shard, so that no user record
 * lies in another shard's aggregate. KCL 2 and later drops whole aggregates in which one does.
 *
 * Memory: at most shards × `maxSize` of buffered records. A small `maxSize` bounds it; 51,200 bytes, the KPL's
 * own default, is a good one, since Kinesis bills in units of 25 KB.
 *
 * @example
 * const aggregator = new ShardedAggregator(await ShardMap.fetch(client, { StreamName }), { maxSize: 51_200 })
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
  #collectors: (Collector | undefined)[] = []
  /** Records that are in no collector yet. */
  readonly #waiting = new WaitingRecords()
  /** Size of the fullest collector, or a higher number. */
  #fullest = OVERHEAD
  /** Shards of partition keys that came before: a look-up by itself costs half as much as all the rest of a push. */
  readonly #known = new Map<string, number>()
  #hits = 0
  /** How many more keys are not to be kept. */
  #unwanted = 0

  /** @throws TypeError `ERR_INVALID_ARG_TYPE` */
  constructor(shards: ShardMap, options?: AggregateOptions) {
    this.#shards = checkShards(shards)
    const { maxSize, strict } = checkAggregateOptions(options)
    this.#maxSize = maxSize
    this.#strict = strict
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
    const opened = openUserRecord(record, this.#strict)
    const known = this.#knownShardOf(opened)
    if (known === undefined && this.#wait(opened)) return undefined
    this.#settle()
    const collector = this.#collectorOf(known ?? this.#lookUp(opened))
    const full = push(collector, opened, true)
    if (full === undefined) {
      this.#filled(collector)
      return undefined
    }
    this.#findFullest()
    return routed(full)
  }

  /** Encodes what is buffered, one record per shard that has something, by hash key. */
  flush(): EncodedRecord[] {
    this.#settle()
    const encoded = this.#collectors
      .filter(collector => collector !== undefined && collector.count > 0)
      .map(collector => routed(collector!.take(false)))
    if (encoded.length > 0) native.seal(encoded.map(({ data }) => data))
    this.#fullest = OVERHEAD
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
    this.#forget()
    this.#collectors = []
    return encoded
  }

  #collectorOf(shard: number): Collector {
    return (this.#collectors[shard] ??= new Collector(this.#maxSize))
  }

  #knownShardOf({ partitionKey, explicitHashKey }: OpenUserRecord): number | undefined {
    if (explicitHashKey !== undefined) return undefined
    if (this.#unwanted > 0) {
      // None is known meanwhile.
      this.#unwanted--
      return undefined
    }
    const known = this.#known.get(partitionKey)
    if (known !== undefined) this.#hits++
    return known
  }

  #lookUp({ partitionKey, explicitHashKey, record }: OpenUserRecord): number {
    const shard = this.#shards.indexOf(partitionKey, explicitHashKey, record)
    if (explicitHashKey === undefined) this.#learn(partitionKey, shard)
    return shard
  }

  #learn(partitionKey: string, shard: number): void {
    if (this.#unwanted > 0) return
    if (this.#known.size === MOST_KNOWN) this.#forget()
    else this.#known.set(partitionKey, shard)
  }

  /**
   * Lets a record wait until its shard is looked up together with those of others. A record may wait only as long as all
   * that wait are sure to fit, whatever their shards are: so nobody can tell that it waited.
   */
  #wait({ partitionKey, explicitHashKey, data, record }: OpenUserRecord): boolean {
    if (explicitHashKey !== undefined || data.length > LARGE) return false
    // Each key that is known ends the waiting.
    if (this.#hits * FEWEST > this.#known.size + this.#waiting.count) return false
    // Where it is tight, the rest is not worth the time.
    if (this.#fullest + FEWEST * (partitionKey.length + data.length) > this.#maxSize) return false
    checkPartitionKey(partitionKey, record)
    if (this.#waiting.add(partitionKey, data, this.#maxSize - this.#fullest)) return true
    this.#settle()
    return this.#waiting.add(partitionKey, data, this.#maxSize - this.#fullest)
  }

  /** Brings the records that wait to their shards. */
  #settle(): void {
    if (this.#waiting.count > 0) this.#waiting.handOn(this.#shards, this.#take)
  }

  readonly #take: TakeWaiting = (shard, partitionKey, bytes, at, keyBytes, dataBytes) => {
    const collector = this.#collectorOf(shard)
    collector.addFrom(bytes, at, partitionKey, keyBytes, dataBytes)
    this.#filled(collector)
    this.#learn(partitionKey, shard)
  }

  #filled({ size }: Collector): void {
    if (size > this.#fullest) this.#fullest = size
  }

  #findFullest(): void {
    if (this.#collectors.length > MOST_SHARDS) {
      this.#fullest = this.#maxSize
      return
    }
    this.#fullest = OVERHEAD
    for (const collector of this.#collectors) if (collector !== undefined) this.#filled(collector)
  }

  /** Begins anew; where keys hardly ever repeat, to know them costs more than it saves. */
  #forget(): void {
    this.#unwanted = this.#hits < MOST_KNOWN / 4 ? UNWANTED : 0
    this.#hits = 0
    this.#known.clear()
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
