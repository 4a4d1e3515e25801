import { Buffer } from 'node:buffer'
import { writeData, writeText } from './bytes'
import type { ShardMap } from './shards'

/** Records that wait at most: with more, the time for each look-up does not fall any more. */
const MOST_RECORDS = 64

/** Bytes of partition keys and data that wait at most. */
const MOST_BYTES = 16 * 1024

/** Bytes of partition key, bytes of data, shard: see `src/shard.rs`. */
const PLACE_WORDS = 3

/**
 * User records without explicit hash key whose shards have not been looked up. All at once takes a fraction of
 * the time of one by one.
 */
export class Waiting {
  count = 0

  readonly #records = Buffer.allocUnsafeSlow(MOST_BYTES)
  readonly #places = new Uint32Array(MOST_RECORDS * PLACE_WORDS)
  readonly #keys: string[] = []
  #length = 0
  // How many of them have been handed on, and their bytes.
  #gone = 0
  #goneBytes = 0

  /** Copies a record; `false` if there is no room. */
  add(partitionKey: string, keyBytes: number, data: string | Buffer, dataBytes: number): boolean {
    const { count } = this
    const at = this.#length
    if (count === MOST_RECORDS || at + keyBytes + dataBytes > MOST_BYTES) return false
    writeText(this.#records, partitionKey, keyBytes, at)
    writeData(this.#records, data, dataBytes, at + keyBytes)
    this.#places[count * PLACE_WORDS] = keyBytes
    this.#places[count * PLACE_WORDS + 1] = dataBytes
    this.#keys[count] = partitionKey
    this.#length += keyBytes + dataBytes
    this.count++
    return true
  }

  /**
   * Looks up all shards, and hands the records on in their order. Should `take` throw, for want of memory, those that
   * are left go on waiting.
   */
  handOn(shards: ShardMap, take: TakeWaiting): void {
    const places = this.#places
    shards.findAll(this.#records, places, this.count)
    while (this.#gone < this.count) {
      const place = this.#gone * PLACE_WORDS
      const keyBytes = places[place]!
      const dataBytes = places[place + 1]!
      take(places[place + 2]!, this.#keys[this.#gone]!, this.#records, this.#goneBytes, keyBytes, dataBytes)
      this.#goneBytes += keyBytes + dataBytes
      this.#gone++
    }
    this.count = this.#length = this.#gone = this.#goneBytes = 0
  }
}

/** Gets a record's shard, its partition key, and where in `bytes` that and then its data lie. */
export type TakeWaiting = (
  shard: number,
  partitionKey: string,
  bytes: Buffer,
  at: number,
  keyBytes: number,
  dataBytes: number
) => void
