import { ListShardsCommand, type ListShardsCommandInput } from '@aws-sdk/client-kinesis'
import { invalidArgument } from '../errors'
import { type Shard, ShardMap } from './shard-map'

/** A client of the AWS SDK v3: `KinesisClient` or `Kinesis`. */
export interface KinesisClientLike {
  send(command: never): Promise<unknown>
}

/** Which stream: its name, or an object with its name or its ARN. */
export type StreamName = string | { StreamName: string } | { StreamARN: string }

/**
 * Asks Kinesis for the open shards of a stream, page by page.
 *
 * @param client of the AWS SDK v3; needs the permission `kinesis:ListShards`
 * @throws KinesisAggError `ERR_INVALID_SHARDS`: also while a reshard is under way, if the answer has a gap
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 *
 * @example
 * const shards = await fetchShardMap(client, 'readings')
 * const aggregator = new ShardedAggregator(shards)
 */
export async function fetchShardMap(client: KinesisClientLike, stream: StreamName): Promise<ShardMap> {
  const listShards = listShardsOf(client)
  const name = checkStream(stream)
  const shards: Shard[] = []
  let page = await listShards({ ...name, ShardFilter: { Type: 'AT_LATEST' } })
  for (;;) {
    shards.push(...(page.Shards ?? []))
    // The token stands for the name and the filter too: Kinesis refuses a request that has both.
    if (page.NextToken === undefined || page.NextToken === null) return new ShardMap(shards)
    page = await listShards({
      NextToken: page.NextToken,
      ...('StreamARN' in name ? name : undefined)
    })
  }
}

interface ListShardsPage {
  Shards?: Shard[] | undefined
  NextToken?: string | undefined
}

type ListShards = (input: ListShardsCommandInput) => Promise<ListShardsPage>

function listShardsOf(client: unknown): ListShards {
  const sender = (client ?? {}) as { send?: (command: ListShardsCommand) => Promise<ListShardsPage> }
  if (typeof sender.send !== 'function')
    throw invalidArgument('client', 'a KinesisClient of the AWS SDK v3', client)
  return input => sender.send!(new ListShardsCommand(input))
}

function checkStream(stream: unknown): { StreamName: string } | { StreamARN: string } {
  if (typeof stream === 'string') return { StreamName: stream }
  const { StreamName, StreamARN } = (stream ?? {}) as { StreamName?: unknown; StreamARN?: unknown }
  if (typeof StreamARN === 'string') return { StreamARN }
  if (typeof StreamName === 'string') return { StreamName }
  throw invalidArgument('stream', "a stream's name, { StreamName } or { StreamARN }", stream)
}
