// Aggregates on their way through a stream of several shards: Kinesis sends each to the shard of its outer key,
// and KCL there drops it whole if a user record of another shard is in it.
import { Random } from '../../bench/corpus.mjs'
import { ShardMap, ShardedAggregator, hashKeyOf } from 'kinesis-agg'
import { Check } from '../lib/check.mjs'
import { plain, read, received, unplaced, write } from '../lib/ours.mjs'
import { randomSets } from '../lib/sets.mjs'
import { randomShards, rangeOf, reshard } from '../lib/shards.mjs'

const DROPPED = 'KCL drops an aggregate whole that has a record of another shard in it'

/** The plain aggregator takes no notice of shards: most of what it writes is lost. */
export async function unshardedAggregates(ask, count) {
  const check = new Check('behind several shards, reads what aggregate writes')
  const random = new Random(4)
  let lost = 0
  for (const set of randomSets(count, 4)) {
    const shards = randomShards(random)
    for (const record of write(set)) {
      const range = landing(shards, record)
      const all = read([record])
      const [startingHashKey, endingHashKey] = range
      const inside = read([record], { hashKeyRange: { startingHashKey, endingHashKey } })
      const keeps = inside.length === all.length
      const about = { records: all.length, because: keeps ? undefined : DROPPED }
      check.compare(await ask({ records: [record], range }), keeps ? all : [], about)
      if (!keeps) lost += all.length
    }
  }
  check.expectDifferences(DROPPED)
  return check.result({ lost })
}

/** ShardedAggregator loses nothing, also if the stream is resharded half way. */
export async function shardedAggregates(ask, count) {
  const check = new Check('behind several shards, reads what ShardedAggregator writes')
  const random = new Random(6)
  for (const set of randomSets(count, 6)) {
    const before = randomShards(random)
    const after = reshard(before, random)
    const maxSize = random.next() % 2 === 0 ? 51_200 : undefined
    const aggregator = new ShardedAggregator(new ShardMap(before), { maxSize })
    const half = set.length >> 1
    const pushed = records => records.flatMap(record => aggregator.push(record) ?? [])
    const early = [...pushed(set.slice(0, half)), ...aggregator.updateShards(new ShardMap(after))]
    const late = [...pushed(set.slice(half)), ...aggregator.flush()]

    const seen = [...(await throughShards(ask, before, early)), ...(await throughShards(ask, after, late))]
    check.compare(sorted(seen.map(unplaced)), sorted(set.map(plain)), { records: set.length })
  }
  return check.result({ lost: 0 })
}

async function throughShards(ask, shards, encoded) {
  const seen = []
  for (const record of encoded.map(plain).map(received)) {
    seen.push(...(await ask({ records: [record], range: landing(shards, record) })))
  }
  return seen
}

const landing = (shards, { partitionKey, explicitHashKey }) =>
  rangeOf(shards, hashKeyOf(partitionKey, explicitHashKey))

const sorted = records =>
  records
    .map(({ partitionKey, explicitHashKey, data }) => [data, partitionKey, explicitHashKey].join())
    .toSorted()
