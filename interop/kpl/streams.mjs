// Streams that the KPL writes to and the AWS SDK reads from.
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  waitUntilStreamExists
} from '@aws-sdk/client-kinesis'
import { plain } from '../lib/ours.mjs'

export class Streams {
  #kpl
  #positions = new Map()

  constructor(client, kpl) {
    this.client = client
    this.#kpl = kpl
  }

  async create(name, shardCount) {
    await this.client.send(new CreateStreamCommand({ StreamName: name, ShardCount: shardCount }))
    await waitUntilStreamExists({ client: this.client, maxWaitTime: 30, minDelay: 1 }, { StreamName: name })
    // A first record, so that the KPL knows the shards before the others come.
    const places = await this.put(name, [plain({ partitionKey: 'first', data: Buffer.from('first') })])
    if (!places[0].shardId.startsWith('shardId-')) throw new Error(`the KPL said ${JSON.stringify(places)}`)
    await this.readOn(name)
  }

  /** @returns where the KPL says each record went */
  async put(stream, records) {
    const places = await this.#kpl.ask({ stream, records })
    if ('error' in places) throw new Error(`the KPL could not put: ${places.error}`)
    return places
  }

  /** What came to each shard since the last call. */
  async readOn(name) {
    const { Shards } = await this.client.send(new ListShardsCommand({ StreamName: name }))
    const out = []
    for (const { ShardId, HashKeyRange } of Shards) {
      const hashKeyRange = {
        startingHashKey: HashKeyRange.StartingHashKey,
        endingHashKey: HashKeyRange.EndingHashKey
      }
      for (const record of await this.#recordsOf(name, ShardId)) {
        out.push({ shardId: ShardId, hashKeyRange, record })
      }
    }
    return out
  }

  async #recordsOf(name, shardId) {
    const key = `${name}/${shardId}`
    let iterator = this.#positions.get(key)
    if (iterator === undefined) {
      const first = { StreamName: name, ShardId: shardId, ShardIteratorType: 'TRIM_HORIZON' }
      iterator = (await this.client.send(new GetShardIteratorCommand(first))).ShardIterator
    }
    const records = []
    for (;;) {
      const page = await this.client.send(new GetRecordsCommand({ ShardIterator: iterator }))
      iterator = page.NextShardIterator
      records.push(...page.Records)
      if (page.MillisBehindLatest === 0 || page.Records.length === 0) break
    }
    this.#positions.set(key, iterator)
    return records
  }
}
