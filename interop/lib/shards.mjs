// Random streams, as ListShards describes them.
import { MAX_HASH_KEY, ascending, below, randomBits } from './sets.mjs'

const startOf = shard => BigInt(shard.HashKeyRange.StartingHashKey)
const endOf = shard => BigInt(shard.HashKeyRange.EndingHashKey)

/** 1 to 16 shards, of equal or random widths; one may have a single hash key. */
export function randomShards(random) {
  const count = 1 + below(random, 16)
  const even = below(random, 2) === 0
  const starts = new Set([0n])
  for (let i = 1n; i < count; i++) {
    starts.add(even ? ((MAX_HASH_KEY + 1n) * i) / BigInt(count) : randomBits(random, 128))
  }
  if (below(random, 3) === 0) starts.add(1n)
  return shardsFrom([...starts])
}

/** The same stream after one shard was split, or two were merged. */
export function reshard(shards, random) {
  const starts = shards.map(startOf)
  const at = below(random, shards.length)
  const middle = (startOf(shards[at]) + endOf(shards[at])) / 2n
  if (at > 0 && below(random, 2) === 0) starts.splice(at, 1)
  else if (middle > startOf(shards[at])) starts.push(middle)
  return shardsFrom(starts)
}

function shardsFrom(starts) {
  const sorted = ascending(starts)
  return sorted.map((start, i) => ({
    ShardId: `shardId-${String(i).padStart(12, '0')}`,
    HashKeyRange: {
      StartingHashKey: String(start),
      EndingHashKey: String((sorted[i + 1] ?? MAX_HASH_KEY + 1n) - 1n)
    },
    SequenceNumberRange: { StartingSequenceNumber: '0' }
  }))
}

/** The hash keys of the shard to which Kinesis sends a record, as [start, end]. */
export function rangeOf(shards, hashKey) {
  const { StartingHashKey, EndingHashKey } = shards.find(
    shard => startOf(shard) <= hashKey && hashKey <= endOf(shard)
  ).HashKeyRange
  return [StartingHashKey, EndingHashKey]
}
