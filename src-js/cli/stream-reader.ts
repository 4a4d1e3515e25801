import type { ListShardsCommandInput, Shard, ShardFilter } from '@aws-sdk/client-kinesis'
import { nameOf } from './aws'
import { type ReaderHost, type Start, readShard } from './shard-reader'

/** Reads the shards of a stream: each after its parents, and those that a reshard makes too. */
export class StreamReader {
  readonly #shards = new Map<string, Shard>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #done = new Set<string>()

  /**
   * @param filter which shards there are to read
   * @param wanted ids or numbers of shards; no others are read, if there are any
   */
  constructor(
    private readonly host: ReaderHost,
    private readonly start: Start,
    private readonly filter: ShardFilter,
    private readonly wanted: readonly string[]
  ) {}

  /** @throws what ends the reading of a shard */
  async run(): Promise<void> {
    await this.#list()
    for (;;) {
      for (const shard of this.#shards.values()) {
        const id = shard.ShardId!
        if (!this.#done.has(id) && !this.#running.has(id) && !this.#waits(shard)) {
          this.#running.set(id, this.#read(id))
        }
      }
      if (this.#running.size === 0 || this.host.signal.aborted) break
      await Promise.race(this.#running.values())
    }
    await Promise.all(this.#running.values())
  }

  /** A shard may be in the list without its parents, which hold nothing that is to be read. */
  #waits({ ParentShardId, AdjacentParentShardId }: Shard): boolean {
    return [ParentShardId, AdjacentParentShardId].some(
      id => typeof id === 'string' && this.#shards.has(id) && !this.#done.has(id)
    )
  }

  async #read(id: string): Promise<void> {
    const hasChildren = await readShard(this.host, id, this.start)
    if (hasChildren) await this.#list()
    this.#done.add(id)
    this.#running.delete(id)
  }

  async #list(): Promise<void> {
    const { connection, target } = this.host
    const { sdk, client } = connection
    const name = nameOf(target)
    let input: ListShardsCommandInput = { ...name, ShardFilter: this.filter }
    for (;;) {
      const page = await this.host.turn(() => client.send(new sdk.ListShardsCommand(input)))
      for (const shard of page.Shards ?? []) {
        if (this.#isWanted(shard.ShardId!)) this.#shards.set(shard.ShardId!, shard)
      }
      if (typeof page.NextToken !== 'string') return
      input = { NextToken: page.NextToken, ...('StreamARN' in name ? name : undefined) }
    }
  }

  #isWanted(id: string): boolean {
    return (
      this.wanted.length === 0 ||
      this.wanted.some(name => name === id || id.endsWith(`-${name.padStart(12, '0')}`))
    )
  }

  /** A shard that was found. */
  shard(id: string): Shard | undefined {
    return this.#shards.get(id)
  }

  /** How many shards were found. */
  get size(): number {
    return this.#shards.size
  }
}
