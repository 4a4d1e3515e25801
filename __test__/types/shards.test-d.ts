// What the AWS SDK hands out fits without casts; `tsc -p __test__` checks it.
import {
  Kinesis,
  KinesisClient,
  type ListShardsCommandOutput,
  PutRecordsCommand
} from '@aws-sdk/client-kinesis'
import {
  type EncodedRecord,
  ShardMap,
  type ShardRange,
  ShardedAggregator,
  deaggregateSync
} from 'kinesis-agg'
import { fetchShardMap } from 'kinesis-agg/sdk'

export async function fetchAll(): Promise<ShardMap[]> {
  const stream = { StreamName: 'readings' }
  return [
    await fetchShardMap(new KinesisClient({}), stream),
    await fetchShardMap(new Kinesis({}), { StreamARN: 'arn' }),
    await fetchShardMap(new Kinesis({}), 'readings')
  ]
}

export function fromAnswer({ Shards }: ListShardsCommandOutput): ShardMap {
  return new ShardMap(Shards ?? [])
}

export function putCommand(map: ShardMap): PutRecordsCommand {
  const encoded: EncodedRecord[] = new ShardedAggregator(map, { maxSize: 51_200 }).flush()
  return new PutRecordsCommand({
    StreamName: 'readings',
    Records: encoded.map(({ partitionKey, data, explicitHashKey }) => ({
      PartitionKey: partitionKey,
      Data: data,
      ExplicitHashKey: explicitHashKey
    }))
  })
}

export function ofOneShard(map: ShardMap): number {
  const hashKeyRange: ShardRange = map.shardFor('a', 5n)
  return deaggregateSync([], { hashKeyRange }).length
}
