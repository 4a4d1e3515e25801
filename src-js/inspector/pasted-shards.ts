import { type Shard, ShardMap } from '../index'

/** A shard and the hash keys that belong to it, both ends included. */
export interface PastedShard {
  readonly shardId: string
  readonly start: bigint
  readonly end: bigint
  /** It was split or merged: no record goes there any more, but its records may still be read. */
  readonly isClosed: boolean
}

/** The shards of a stream, from ListShards' answer; closed ones too, as records may have been read from them. */
export class PastedShards {
  readonly #open: readonly PastedShard[]

  private constructor(readonly all: readonly PastedShard[]) {
    this.#open = all.filter(({ isClosed }) => !isClosed).toSorted((a, b) => (a.start < b.start ? -1 : 1))
  }

  /**
   * @param text the JSON of `aws kinesis list-shards`, or the array in it
   * @throws Error it is none, or not all of it
   */
  static parse(text: string): PastedShards {
    const json = JSON.parse(text) as { Shards?: Shard[] } | Shard[] | null
    const list = (Array.isArray(json) ? json : json?.Shards) as Shard[]
    checkShards(list)
    return new PastedShards(list.map(shardOf))
  }

  find(shardId: string): PastedShard | undefined {
    return this.all.find(shard => shard.shardId === shardId)
  }

  /** The open shard that a hash key belongs to; `undefined` for numbers that are no hash keys. */
  openShardOf(hashKey: bigint): PastedShard | undefined {
    let low = 0
    let high = this.#open.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#open[middle]!.end < hashKey) low = middle + 1
      else high = middle
    }
    const found = this.#open[low]
    return found !== undefined && isInside(found, hashKey) ? found : undefined
  }

  /** Those that all of these hash keys belong to. */
  holdersOf(hashKeys: readonly bigint[]): PastedShard[] {
    return this.all.filter(shard => hashKeys.every(hashKey => isInside(shard, hashKey)))
  }
}

/** @throws Error they do not hold each hash key once; a ShardMap has the words for it */
function checkShards(list: Shard[]): ShardMap {
  return new ShardMap(list)
}

function shardOf({ ShardId, HashKeyRange, SequenceNumberRange }: Shard): PastedShard {
  return {
    shardId: String(ShardId),
    start: BigInt(HashKeyRange?.StartingHashKey ?? 'nothing'),
    end: BigInt(HashKeyRange?.EndingHashKey ?? 'nothing'),
    isClosed: SequenceNumberRange?.EndingSequenceNumber != null
  }
}

export function isInside({ start, end }: PastedShard, hashKey: bigint): boolean {
  return start <= hashKey && hashKey <= end
}
