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
  /** Shards that are not read yet. */
  readonly #pending = new Set<Shard>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #done = new Set<string>()
  #failure: { error: unknown } | undefined
  /** Called whenever the reading of a shard has ended. */
  #ended = (): void => {}

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
      if (this.#failure !== undefined) throw this.#failure.error
      for (const shard of this.#pending) if (!this.#waits(shard)) this.#begin(shard)
      if (this.#running.size === 0 || this.host.signal.aborted) break
      // A race of them all would take time for each of thousands of shards whenever one of them ends.
      await new Promise<void>(resolve => (this.#ended = resolve))
    }
    await Promise.all(this.#running.values())
  }

  #begin(shard: Shard): void {
    const id = shard.ShardId!
    this.#pending.delete(shard)
    const reading = this.#read(id)
      .catch(error => void (this.#failure ??= { error }))
      .finally(() => this.#ended())
    this.#running.set(id, reading)
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
    for (const shard of shards) {
      if (this.#shards.has(shard.ShardId!) || !this.choice.has(shard)) continue
      this.#shards.set(shard.ShardId!, shard)
      this.#pending.add(shard)
    }
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
