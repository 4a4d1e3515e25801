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
} from '../index.js'

export async function fetchBoth(): Promise<ShardMap[]> {
  const stream = { StreamName: 'readings' }
  return [
    await ShardMap.fetch(new KinesisClient({}), stream),
    await ShardMap.fetch(new Kinesis({}), { StreamARN: 'arn' })
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
