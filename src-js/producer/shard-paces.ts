import type { Clock } from './clock'
import { ShardPace } from './shard-pace'

/** How fast the shards of a stream may be sent to; one pace for all that belongs to no known shard. */
export class ShardPaces {
  #rateLimit: number
  readonly #clock: Clock
  readonly #paces = new Map<string | undefined, ShardPace>()

  constructor(rateLimit: number, clock: Clock) {
    this.#rateLimit = rateLimit
    this.#clock = clock
  }

  of(shardId: string | undefined): ShardPace {
    let pace = this.#paces.get(shardId)
    if (pace === undefined) {
      pace = new ShardPace(this.#rateLimit, shardId, this.#clock.now())
      this.#paces.set(shardId, pace)
    }
    return pace
  }

  /** Another share of the shards' limits may be used from now on. */
  limitTo(rateLimit: number): void {
    this.#rateLimit = rateLimit
    for (const pace of this.#paces.values()) pace.limitTo(rateLimit, this.#clock.now())
  }

  /** Forgets those of shards that are not open any more, and of which nothing is due. */
  keepOpen(open: readonly { id: string }[]): void {
    const ids = new Set(open.map(({ id }) => id))
    for (const [id, pace] of this.#paces) {
      if (id !== undefined && !ids.has(id) && pace.due.length === 0) this.#paces.delete(id)
    }
  }
}
