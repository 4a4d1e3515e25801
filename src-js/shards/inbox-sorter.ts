import { Buffer } from 'node:buffer'
import { native } from '../native/loader'
import { LANE_WORDS, RUN_WORDS } from '../native/layout'
import type { ShardMap } from './shard-map'

export { RUN_WORDS }

/** Where {@link sortByShard} puts what it has sorted. */
export class SortedInbox {
  /** The records, those of one shard together. */
  readonly bytes: Buffer
  /** `LANE_WORDS` words a record: the three lengths, and its number in the inbox. */
  readonly places: Uint32Array
  /** `RUN_WORDS` words a run: position of its shard in `ShardMap.shards`, records, bytes. */
  readonly runs: Uint32Array

  /** @param bytes and records that an inbox has at most */
  constructor(bytes: number, records: number) {
    this.bytes = Buffer.allocUnsafeSlow(bytes)
    this.places = new Uint32Array(records * LANE_WORDS)
    this.runs = new Uint32Array(records * RUN_WORDS)
  }
}

/**
 * Looks up the shards of all records of an inbox together, and sorts them by shard: in runs, in the order of each
 * shard's first record, and within a run in their own order.
 *
 * @param inbox of each record its partition key, explicit hash key and data, as UTF-8
 * @param places `LANE_WORDS` words a record: bytes of its partition key, explicit hash key (0: none) and data, and a
 * free one
 * @param count of the records
 * @param sorted has room for all of them
 * @returns the number of runs
 */
export function sortByShard(
  shards: ShardMap,
  inbox: Buffer,
  places: Uint32Array,
  count: number,
  sorted: SortedInbox
): number {
  return native.sortByShard(shards.table, inbox, places, count, sorted.bytes, sorted.places, sorted.runs)
}

/**
 * The hash keys by which Kinesis chooses the shards of records: the explicit one, else the MD5 of the partition key.
 *
 * @param slab and places as those of {@link sortByShard}
 * @returns 16 bytes a record, the highest first
 */
export function hashKeysOf(slab: Buffer, places: Uint32Array, count: number): Buffer {
  const hashKeys = Buffer.allocUnsafe(count * 16)
  native.hashKeys(slab, places, count, hashKeys)
  return hashKeys
}
