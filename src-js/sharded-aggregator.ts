import { push } from './aggregator'
import { native } from './binding'
import { Collector } from './collector'
import { invalidArgument } from './errors'
import { checkAggregateOptions } from './options'
import { ShardMap, hashOf } from './shards'
import type { AggregateInput, AggregateOptions, EncodedRecord } from './types'
import { type OpenUserRecord, openUserRecord } from './user-record'

/** Keys of at most 256 characters each: a bound for the memory, not a tuned number. */
const MOST_KNOWN = 4096

/** Keys after which a look is taken whether they repeat again. */
const UNWANTED = 16 * MOST_KNOWN

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
  /** Shards of partition keys that came before: a look-up costs as much as all the rest of a push. */
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
    const index = this.#shardOf(opened)
    const collector = (this.#collectors[index] ??= new Collector(this.#maxSize))
    const full = push(collector, opened, true)
    return full && routed(full)
  }

  /** Encodes what is buffered, one record per shard that has something, by hash key. */
  flush(): EncodedRecord[] {
    const encoded = this.#collectors
      .filter(collector => collector !== undefined && collector.count > 0)
      .map(collector => routed(collector!.take(false)))
    if (encoded.length > 0) native.seal(encoded.map(({ data }) => data))
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

  #shardOf({ partitionKey, explicitHashKey, record }: OpenUserRecord): number {
    if (explicitHashKey !== undefined) return this.#shards.indexOf(partitionKey, explicitHashKey, record)
    if (this.#unwanted > 0) {
      // None is known meanwhile.
      this.#unwanted--
      return this.#shards.indexOf(partitionKey, undefined, record)
    }
    const known = this.#known.get(partitionKey)
    if (known !== undefined) {
      this.#hits++
      return known
    }
    const index = this.#shards.indexOf(partitionKey, undefined, record)
    if (this.#known.size === MOST_KNOWN) this.#forget()
    else this.#known.set(partitionKey, index)
    return index
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
