import type { Shard } from '@aws-sdk/client-kinesis'
import { hashKeyOf } from '../index'
import { UsageError, orUsageError } from './usage-error'

/** Which shards are read: all, some by id or number, or those on which the records of a key lie. */
export class ShardChoice {
  readonly #names: readonly string[]
  readonly #hashKey: bigint | undefined

  /**
   * @param names ids or numbers
   * @param key a partition key
   * @throws UsageError
   */
  constructor(names: readonly string[], key: string | undefined) {
    if (names.length > 0 && key !== undefined)
      throw new UsageError('--shard and --shard-of exclude each other')
    this.#names = names
    this.#hashKey = key === undefined ? undefined : orUsageError(() => hashKeyOf(key))
  }

  has({ ShardId = '', HashKeyRange }: Shard): boolean {
    if (this.#hashKey !== undefined) {
      const { StartingHashKey, EndingHashKey } = HashKeyRange!
      return BigInt(StartingHashKey!) <= this.#hashKey && this.#hashKey <= BigInt(EndingHashKey!)
    }
    return (
      this.#names.length === 0 ||
      this.#names.some(name => name === ShardId || ShardId.endsWith(`-${name.padStart(12, '0')}`))
    )
  }

  /** What is to be said if there is no such shard. */
  get missing(): string {
    if (this.#names.length === 0) return 'the stream has no shard to read'
    return `the stream has no shard '${this.#names.join("', '")}' to read`
  }
}
