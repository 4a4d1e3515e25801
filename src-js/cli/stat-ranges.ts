import { type HashKeyRange, type Shard, hashKeyOf } from '../index'
import { fromShardsFile } from './shards-file'

/** The hash keys of shards, closed ones too. */
export class ShardRanges {
  readonly #ranges = new Map<string, HashKeyRange>()

  /** @throws KinesisAggError a shard has no range */
  add({ ShardId: id, HashKeyRange: range }: Shard): void {
    if (typeof id !== 'string') throw new Error('a shard has no ShardId')
    const startingHashKey = hashKeyOf('', range?.StartingHashKey ?? 'nothing')
    const endingHashKey = hashKeyOf('', range?.EndingHashKey ?? 'nothing')
    if (startingHashKey > endingHashKey) throw new Error(`shard ${id} ends before its start`)
    this.#ranges.set(id, { startingHashKey, endingHashKey })
  }

  /**
   * The range of the shard on which a record lay, if that is known. Where there is one shard, a record that names
   * none lay there.
   */
  of(shardId: string | undefined): HashKeyRange | undefined {
    if (shardId !== undefined) return this.#ranges.get(shardId)
    return this.#ranges.size === 1 ? [...this.#ranges.values()][0] : undefined
  }
}

/** What `aws kinesis list-shards` printed. @throws UsageError */
export function readRanges(file: string): ShardRanges {
  return fromShardsFile(file, shards => {
    if (!Array.isArray(shards) || shards.length === 0) throw new Error('it lists no shards')
    const ranges = new ShardRanges()
    for (const shard of shards) ranges.add(shard ?? {})
    return ranges
  })
}
