/** Hash keys that answers showed to be of one shard: all between them are, too. */
interface Hull {
  shardId: string
  lo: bigint
  hi: bigint
}

/**
 * What answers tell of shards whose ranges nobody may list. Ranges have no gaps between their ends, so that an answer may
 * contradict earlier ones: then there was a reshard, or Kinesis distributes the records.
 */
export class ShardHulls {
  /** By hash key; they do not overlap. */
  readonly #hulls: Hull[] = []

  /** @returns whether it agrees with all answers before; then it is learned */
  agrees(shardId: string, hashKey: bigint): boolean {
    const next = this.#firstBehind(hashKey)
    const before = this.#hulls[next - 1]
    if (before !== undefined && hashKey <= before.hi) return before.shardId === shardId
    const behind = this.#hulls[next]
    if (before?.shardId === shardId) before.hi = hashKey
    else if (behind?.shardId === shardId) behind.lo = hashKey
    else if (this.#hulls.some(hull => hull.shardId === shardId)) return false
    else this.#hulls.splice(next, 0, { shardId, lo: hashKey, hi: hashKey })
    return true
  }

  /** The answer is right, so that what contradicts it is old. */
  correct(shardId: string, hashKey: bigint): void {
    const kept = this.#hulls.filter(
      hull => hull.shardId !== shardId && (hashKey < hull.lo || hashKey > hull.hi)
    )
    this.#hulls.splice(0, this.#hulls.length, ...kept)
    this.agrees(shardId, hashKey)
  }

  clear(): void {
    this.#hulls.length = 0
  }

  #firstBehind(hashKey: bigint): number {
    let from = 0
    let to = this.#hulls.length
    while (from < to) {
      const middle = (from + to) >> 1
      if (this.#hulls[middle]!.lo <= hashKey) from = middle + 1
      else to = middle
    }
    return from
  }
}
