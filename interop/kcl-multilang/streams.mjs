// Streams in kinesis-local.
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  MergeShardsCommand,
  SplitShardCommand,
  waitUntilStreamExists
} from '@aws-sdk/client-kinesis'

const WAIT = { maxWaitTime: 30, minDelay: 1 }

export async function createStream(client, StreamName, ShardCount) {
  await client.send(new CreateStreamCommand({ StreamName, ShardCount }))
  await waitUntilStreamExists({ client, ...WAIT }, { StreamName })
}

/** All shards, those that are closed too. */
export const listShards = async (client, StreamName) =>
  (await client.send(new ListShardsCommand({ StreamName }))).Shards

/** In the order of their hash keys. */
export const openShards = async (client, StreamName) =>
  (await listShards(client, StreamName))
    .filter(({ SequenceNumberRange }) => SequenceNumberRange.EndingSequenceNumber === undefined)
    .toSorted((a, b) =>
      BigInt(a.HashKeyRange.StartingHashKey) < BigInt(b.HashKeyRange.StartingHashKey) ? -1 : 1
    )

/** Splits the first shard in the middle. */
export async function splitFirst(client, StreamName) {
  const [{ ShardId, HashKeyRange }] = await openShards(client, StreamName)
  const middle = (BigInt(HashKeyRange.StartingHashKey) + BigInt(HashKeyRange.EndingHashKey)) / 2n
  const input = { StreamName, ShardToSplit: ShardId, NewStartingHashKey: String(middle) }
  await client.send(new SplitShardCommand(input))
}

/** Merges the last two shards. */
export async function mergeLast(client, StreamName) {
  const [a, b] = (await openShards(client, StreamName)).slice(-2)
  const input = { StreamName, ShardToMerge: a.ShardId, AdjacentShardToMerge: b.ShardId }
  await client.send(new MergeShardsCommand(input))
}

/** Reads a stream from its beginning, each time what has come since. */
export class StreamReader {
  #client
  #name
  #iterators = new Map()

  constructor(client, name) {
    this.#client = client
    this.#name = name
  }

  async readOn() {
    const out = []
    for (const { ShardId, HashKeyRange } of await listShards(this.#client, this.#name)) {
      const hashKeyRange = {
        startingHashKey: HashKeyRange.StartingHashKey,
        endingHashKey: HashKeyRange.EndingHashKey
      }
      for (const record of await this.#recordsOf(ShardId))
        out.push({ shardId: ShardId, hashKeyRange, record })
    }
    return out
  }

  async #recordsOf(ShardId) {
    const first = { StreamName: this.#name, ShardId, ShardIteratorType: 'TRIM_HORIZON' }
    let iterator = this.#iterators.get(ShardId)
    if (iterator === undefined)
      iterator = (await this.#client.send(new GetShardIteratorCommand(first))).ShardIterator
    const records = []
    // A closed shard that was read to its end has no next iterator.
    while (iterator) {
      const page = await this.#client.send(new GetRecordsCommand({ ShardIterator: iterator }))
      records.push(...page.Records)
      iterator = page.NextShardIterator ?? null
      if (page.Records.length === 0) break
    }
    this.#iterators.set(ShardId, iterator)
    return records
  }
}
