import type {
  ListShardsCommandInput,
  ListShardsCommandOutput,
  Shard,
  ShardFilter
} from '@aws-sdk/client-kinesis'
import { type Target, nameOf } from './aws'

/** The shards of a stream, page by page. @param send carries out a request */
export async function listShards(
  target: Target,
  ShardFilter: ShardFilter,
  send: (input: ListShardsCommandInput) => Promise<ListShardsCommandOutput>
): Promise<Shard[]> {
  const name = nameOf(target)
  const shards: Shard[] = []
  let page = await send({ ...name, ShardFilter })
  for (;;) {
    shards.push(...(page.Shards ?? []))
    if (typeof page.NextToken !== 'string') return shards
    // The token stands for the name and the filter too: Kinesis refuses a request that has both.
    page = await send({ NextToken: page.NextToken, ...('StreamARN' in name ? name : undefined) })
  }
}
