import { setTimeout as sleep } from 'node:timers/promises'
import { CreateStreamCommand, KinesisClient, ListShardsCommand, type Shard } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll } from 'vitest'
import { startKinesis } from '../../scripts/kinesis-local.mjs'

/** kinesis-local, an implementation that is not ours, during the tests of a file. */
export class LocalKinesis {
  /** For what the tests themselves ask of it. */
  admin!: KinesisClient
  endpoint!: string

  /** The open shards, by hash key. */
  async openShards(StreamName: string): Promise<Shard[]> {
    const { Shards } = await this.admin.send(
      new ListShardsCommand({ StreamName, ShardFilter: { Type: 'AT_LATEST' } })
    )
    return Shards!.toSorted((a, b) =>
      BigInt(a.HashKeyRange!.StartingHashKey!) < BigInt(b.HashKeyRange!.StartingHashKey!) ? -1 : 1
    )
  }

  /** Creates a stream, and waits for its shards. */
  async create(StreamName: string, ShardCount = 2): Promise<string> {
    await this.admin.send(new CreateStreamCommand({ StreamName, ShardCount }))
    while ((await this.openShards(StreamName).catch(() => [])).length < ShardCount) await sleep(20)
    return StreamName
  }
}

export function useLocalKinesis(): LocalKinesis {
  const local = new LocalKinesis()
  let kinesis: Awaited<ReturnType<typeof startKinesis>>
  beforeAll(async () => {
    kinesis = await startKinesis()
    local.endpoint = kinesis.endpoint
    local.admin = new KinesisClient(kinesis.clientOptions)
  })
  afterAll(async () => {
    local.admin.destroy()
    await kinesis.stop()
  })
  return local
}
