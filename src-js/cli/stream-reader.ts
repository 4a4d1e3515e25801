import type { Shard, ShardFilter } from '@aws-sdk/client-kinesis'
import { listShards } from './list-shards'
import { Patience } from './patience'
import type { ShardChoice } from './shard-choice'
import { type ReaderHost, ShardReader, type Start } from './shard-reader'

/** Between two attempts to list the shards. */
const RETRY_MS = 5000

/** What a stream reader needs of the others. */
export interface StreamHost extends ReaderHost {
  /** A shard is read from now on. */
  began(shardId: string): void
  /** A shard is read no more. */
  ended(shardId: string): void
}

/** Reads the shards of a stream: each after its parents, and those that a reshard makes too. */
export class StreamReader {
  readonly #shards = new Map<string, Shard>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #done = new Set<string>()

  /** @param filter which shards there are to read */
  constructor(
    private readonly host: StreamHost,
    private readonly start: Start,
    private readonly filter: ShardFilter,
    private readonly choice: ShardChoice
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
    this.host.began(id)
    const hasChildren = await new ShardReader(this.host, id, this.start).run()
    this.host.ended(id)
    if (hasChildren) await this.#listAgain()
    this.#done.add(id)
    this.#running.delete(id)
  }

  /** Lists the shards after a reshard, however often it takes. */
  async #listAgain(): Promise<void> {
    const { clock, signal } = this.host
    const patience = new Patience(clock)
    while (!signal.aborted) {
      try {
        return await this.#list()
      } catch (error) {
        if (signal.aborted) return
        patience.failed(error)
      }
      await clock.sleep(RETRY_MS, signal)
    }
  }

  async #list(): Promise<void> {
    const { target, signal: abortSignal, request } = this.host
    const shards = await listShards(target, this.filter, input =>
      request(({ sdk, client }) => client.send(new sdk.ListShardsCommand(input), { abortSignal }))
    )
    for (const shard of shards) if (this.choice.has(shard)) this.#shards.set(shard.ShardId!, shard)
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
