/** kinesis-local behind the faults of an endpoint, so that not only our own Kinesis in memory has the say. */
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand
} from '@aws-sdk/client-kinesis'
import type { Backend } from './endpoint'
import type { StoredRecord } from './judge'

/** Carries calls out at another endpoint. */
export function forwardTo(url: string): Backend {
  return async ({ headers, body }) => {
    const { host: _, connection: __, 'content-length': ___, ...kept } = headers
    const response = await fetch(url, {
      method: 'POST',
      headers: kept as Record<string, string>,
      body: Uint8Array.from(body)
    })
    return { status: response.status, body: Buffer.from(await response.arrayBuffer()) }
  }
}

/** Everything that a stream holds, shard by shard, parents before children. */
export async function readAll(client: KinesisClient, StreamName: string): Promise<StoredRecord[]> {
  const { Shards } = await client.send(new ListShardsCommand({ StreamName }))
  const stored: StoredRecord[] = []
  for (const { ShardId, HashKeyRange } of Shards!) {
    let { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' })
    )
    while (ShardIterator !== undefined) {
      const { Records, NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator }))
      if (Records!.length === 0) break
      for (const { Data, PartitionKey, SequenceNumber } of Records!) {
        stored.push({
          stream: StreamName,
          shardId: ShardId!,
          startingHashKey: BigInt(HashKeyRange!.StartingHashKey!),
          endingHashKey: BigInt(HashKeyRange!.EndingHashKey!),
          sequenceNumber: SequenceNumber!,
          partitionKey: PartitionKey,
          data: Buffer.from(Data!)
        })
      }
      ShardIterator = NextShardIterator
    }
  }
  return stored
}
