import { parseHashKey } from '../hash-key'
import { type Shard, ShardMap, type ShardRange } from '../shards/shard-map'

/** A shard as ListShards describes it. */
export interface ListedShard extends Shard {
  SequenceNumberRange?:
    { StartingSequenceNumber?: string | undefined; EndingSequenceNumber?: string | undefined } | undefined
}

/** A shard that a listing named. */
export interface KnownShard {
  readonly id: string
  /** Ids come again when a stream is made again; with the first sequence number they are unique. */
  readonly tag: string
  readonly lo: bigint
  readonly hi: bigint
  readonly closed: boolean
}

/** An answer that waits for a listing that knows its shard. */
export interface AwaitedShard {
  readonly shardId: string
  readonly at: number
}

/** What is known of a stream's shards. An old map stays until a whole new one is there. */
export class StreamShards {
  map: ShardMap | undefined
  /** The open shards, at the positions that the map gives them. */
  open: readonly KnownShard[] = []
  /** Counts the maps; a listing that tells nothing new is the same map. */
  generation = 0
  /** Counts the lives of the stream: one that is deleted and made again begins a new one. */
  life = 0
  /** When the last good listing began. */
  listedAt = -Infinity
  readonly #known = new Map<string, KnownShard>()
  /** Tags of shards that were seen to be closed or gone. */
  readonly #ended = new Set<string>()

  /** @returns `undefined` if no listing of this life of the stream knew it */
  shard(id: string): KnownShard | undefined {
    return this.#known.get(id)
  }

  get ranges(): readonly ShardRange[] {
    return this.map?.shards ?? []
  }

  /**
   * Takes a whole listing.
   *
   * @param life of the stream when the listing began
   * @param awaited answers that wait; a listing without a filter must know their shards, if it began after them
   * @returns what the map is now in comparison with the one before
   * @throws Error the listing is stale, or has gaps or overlaps: nothing was changed
   */
  take(
    listing: readonly ListedShard[],
    begun: number,
    life: number,
    awaited: Iterable<AwaitedShard>
  ): 'first' | 'changed' | 'same' {
    if (life !== this.life) throw new Error('The stream was made again since the listing began')
    const known = new Map(listing.map(shard => [shard.ShardId!, readShard(shard)]))
    const map = new ShardMap(listing)
    const isNewLife = [...known.values()].some(shard => {
      const before = this.#known.get(shard.id)
      return (
        before !== undefined && (before.tag !== shard.tag || before.lo !== shard.lo || before.hi !== shard.hi)
      )
    })
    if (!isNewLife) {
      for (const { closed, tag, id } of known.values()) {
        if (!closed && this.#ended.has(tag)) throw new Error(`Stale: the closed shard ${id} is listed open`)
      }
    }
    for (const { shardId, at } of awaited) {
      if (at <= begun && !known.has(shardId) && (isNewLife || !this.#known.has(shardId))) {
        throw new Error(`Stale: ${shardId}, which stored a record, is not listed`)
      }
    }
    if (isNewLife) this.#beginLife()
    const before = new Map(this.open.map(shard => [shard.tag, shard]))
    const open = map.shards.map(({ shardId }) => {
      const shard = known.get(shardId)!
      return before.get(shard.tag) ?? shard
    })
    const isFirst = this.map === undefined
    const isSame = !isFirst && open.length === this.open.length && open.every(({ tag }) => before.has(tag))
    if (!isSame || listing.some(({ ShardId }) => !this.#known.has(ShardId!))) this.generation++
    for (const shard of known.values()) {
      this.#known.set(shard.id, shard)
      if (shard.closed) this.#ended.add(shard.tag)
    }
    const now = new Set(open)
    for (const shard of this.open) if (!now.has(shard)) this.#ended.add(shard.tag)
    if (!isSame) this.map = map
    this.open = open
    this.listedAt = begun
    return isFirst ? 'first' : isSame ? 'same' : 'changed'
  }

  /** The stream is gone: nothing that is known holds for the one that may come. */
  forget(): void {
    this.#beginLife()
    this.generation++
    this.map = undefined
    this.open = []
  }

  #beginLife(): void {
    this.life++
    this.#known.clear()
    this.#ended.clear()
    this.open = []
  }
}

function readShard({ ShardId, HashKeyRange, SequenceNumberRange }: ListedShard): KnownShard {
  return {
    id: ShardId!,
    tag: `${ShardId}@${SequenceNumberRange?.StartingSequenceNumber ?? ''}`,
    lo: parseHashKey(HashKeyRange?.StartingHashKey ?? ''),
    hi: parseHashKey(HashKeyRange?.EndingHashKey ?? ''),
    closed: SequenceNumberRange?.EndingSequenceNumber != null
  }
}
