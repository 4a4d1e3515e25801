import { Buffer } from 'node:buffer'
import { bytesOf, writeData, writeText } from '../bytes'
import { maxRecordBytes } from '../aggregation/aggregate-builder'
import { SHARD_LOOKUP_WORDS } from '../native/layout'
import type { ShardMap } from './shard-map'

/** Records that wait at most: with more, the time for each look-up does not fall any more. */
const MAX_RECORDS = 64

/** Bytes of partition keys and data that wait at most. */
const MAX_BYTES = 16 * 1024

/**
 * User records without explicit hash key whose shards have not been looked up. All at once takes a fraction of
 * the time of one by one.
 */
export class PendingLookups {
  count = 0

  readonly #records = Buffer.allocUnsafeSlow(MAX_BYTES)
  readonly #lookups = new Uint32Array(MAX_RECORDS * SHARD_LOOKUP_WORDS)
  readonly #keys: string[] = []
  #length = 0
  /** What they add at most to one builder, if all go to the same. */
  #most = 0
  // How many of them have been handed on, and their bytes.
  #gone = 0
  #goneBytes = 0

  /** Copies a record; `false` if `room` bytes may be too few for all in one builder, or too many wait. */
  add(partitionKey: string, data: string | Buffer, room: number): boolean {
    const keyBytes = Buffer.byteLength(partitionKey)
    const dataBytes = bytesOf(data)
    const most = this.#most + maxRecordBytes(keyBytes, dataBytes)
    if (most > room) return false
    const { count } = this
    const at = this.#length
    if (count === MAX_RECORDS || at + keyBytes + dataBytes > MAX_BYTES) return false
    writeText(this.#records, partitionKey, keyBytes, at)
    writeData(this.#records, data, dataBytes, at + keyBytes)
    this.#lookups[count * SHARD_LOOKUP_WORDS] = keyBytes
    this.#lookups[count * SHARD_LOOKUP_WORDS + 1] = dataBytes
    this.#keys[count] = partitionKey
    this.#length += keyBytes + dataBytes
    this.#most = most
    this.count++
    return true
  }

  /**
   * Looks up all shards, and hands the records on in their order. Should `take` throw, for want of memory, those that
   * are left go on waiting.
   */
  drain(shards: ShardMap, take: OnShardFound): void {
    const lookups = this.#lookups
    shards.findAll(this.#records, lookups, this.count)
    while (this.#gone < this.count) {
      const place = this.#gone * SHARD_LOOKUP_WORDS
      const keyBytes = lookups[place]!
      const dataBytes = lookups[place + 1]!
      take(lookups[place + 2]!, this.#keys[this.#gone]!, this.#records, this.#goneBytes, keyBytes, dataBytes)
      this.#goneBytes += keyBytes + dataBytes
      this.#gone++
    }
    this.count = this.#length = this.#most = this.#gone = this.#goneBytes = 0
  }
}

/** Gets a record's shard, its partition key, and where in `bytes` that and then its data lie. */
export type OnShardFound = (
  shard: number,
  partitionKey: string,
  bytes: Buffer,
  at: number,
  keyBytes: number,
  dataBytes: number
) => void
