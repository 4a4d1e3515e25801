import type { PutRecordsCommandInput, PutRecordsCommandOutput } from '@aws-sdk/client-kinesis'
import { ShardMap } from '../index'
import type { KinesisClientLike } from '../producer'
import { type Connection, type Target } from './aws'
import { listShards } from './list-shards'

/** What a shard takes in a second. */
const SHARD_BYTES = 1024 * 1024
const SHARD_RECORDS = 1000

/** What would have been put. */
export interface Rehearsed {
  /** Kinesis records, and the bytes of their data and keys. */
  kinesisRecords: number
  bytes: number
  /** Shards that would get some, and all. */
  shards: number
  openShards: number
  /** The fullest shard takes so long. */
  seconds: number
}

/** Stands in for a client: it asks Kinesis for the shards, and stores nothing. */
export class Rehearsal implements KinesisClientLike {
  readonly #loads = new Map<string, { records: number; bytes: number }>()

  private constructor(
    private readonly connection: Connection,
    private readonly map: ShardMap
  ) {}

  /** @throws what the client throws */
  static async begin(connection: Connection, target: Target): Promise<Rehearsal> {
    const { sdk, client } = connection
    const shards = await listShards(target, { Type: 'AT_LATEST' }, input =>
      client.send(new sdk.ListShardsCommand(input))
    )
    return new Rehearsal(connection, new ShardMap(shards as never))
  }

  async send(command: never, options?: never): Promise<unknown> {
    const { sdk, client } = this.connection
    const sent: object = command
    return sent instanceof sdk.PutRecordsCommand ? this.#take(sent.input) : client.send(command, options)
  }

  #take({ Records = [] }: PutRecordsCommandInput): Omit<PutRecordsCommandOutput, '$metadata'> {
    return {
      FailedRecordCount: 0,
      Records: Records.map(({ Data, PartitionKey = '', ExplicitHashKey }) => {
        const { shardId } = this.map.shardFor(PartitionKey, ExplicitHashKey)
        const load = this.#loads.get(shardId) ?? { records: 0, bytes: 0 }
        load.records++
        load.bytes += Data!.length + Buffer.byteLength(PartitionKey)
        this.#loads.set(shardId, load)
        return { ShardId: shardId, SequenceNumber: '0' }
      })
    }
  }

  /** @param rateLimit share of the limits of shards that may be used */
  result(rateLimit: number): Rehearsed {
    const loads = [...this.#loads.values()]
    const seconds = loads.map(({ records, bytes }) => Math.max(records / SHARD_RECORDS, bytes / SHARD_BYTES))
    return {
      kinesisRecords: loads.reduce((sum, { records }) => sum + records, 0),
      bytes: loads.reduce((sum, { bytes }) => sum + bytes, 0),
      shards: loads.length,
      openShards: this.map.shards.length,
      seconds: Math.max(0, ...seconds) / rateLimit
    }
  }
}
