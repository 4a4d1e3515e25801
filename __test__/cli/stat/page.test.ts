/** The answer that docs/cli.md shows is what these records of a stream give. */
import { type AggregateInput, ShardMap, ShardedAggregator, aggregate } from 'kinesis-agg'
import { expect, it } from 'vitest'
import { ShardRanges } from '../../../src-js/cli/stat-ranges'
import { reportOf } from '../../../src-js/cli/stat-report'
import { Survey } from '../../../src-js/cli/stat-survey'
import { textOf } from '../../../src-js/cli/stat-text'
import { blocks } from '../../support/pages'
import { Random } from '../../support/random'

const SHARDS = 4
const WIDTH = 2n ** 128n / BigInt(SHARDS)
const shards = Array.from({ length: SHARDS }, (_, i) => ({
  ShardId: `shardId-${String(i).padStart(12, '0')}`,
  HashKeyRange: {
    StartingHashKey: String(BigInt(i) * WIDTH),
    EndingHashKey: String(BigInt(i + 1) * WIDTH - 1n)
  }
}))
const map = new ShardMap(shards)
const FROM = Date.UTC(2026, 10, 25, 10)
const SECONDS = 300

const random = new Random(20)
const reading = (partitionKey: string): AggregateInput => ({
  partitionKey,
  data: JSON.stringify({ device: partitionKey, temperature: 20 + random.below(400) / 10 })
})
/** Every second reading is of one device. */
const device = (): string => (random.below(2) === 0 ? 'boiler-7' : `boiler-${random.below(4)}`)

function survey(): Survey {
  const ranges = new ShardRanges()
  for (const shard of shards) ranges.add(shard)
  const counted = new Survey(ranges)
  let sequence = 49_680_609_240_926_235_700_673_662_882_062_621_380_153_250_577_867_866_130n
  const put = (
    PartitionKey: string,
    hashKey: string | undefined,
    Data: Buffer,
    ms: number,
    outerKey = PartitionKey
  ) => {
    const record = {
      Data,
      PartitionKey: outerKey,
      SequenceNumber: String((sequence += 16n)),
      ApproximateArrivalTimestamp: new Date(FROM + ms)
    }
    counted.add(record, map.shardFor(PartitionKey, hashKey).shardId)
  }
  for (let second = 0; second < SECONDS; second++) {
    // The KPL, which puts all that it aggregates under the key "a".
    const aggregator = new ShardedAggregator(map)
    for (let i = 0; i < (second === 120 ? 3000 : 150); i++) aggregator.push(reading(device()))
    for (const { partitionKey, explicitHashKey, data } of aggregator.flush())
      put(partitionKey, explicitHashKey, data, second * 1000 + 300, 'a')
    // Someone who does not know of shards.
    if (second % 100 === 50) {
      const users = Array.from({ length: 20 }, () => reading(device()))
      for (const { partitionKey, data } of aggregate(users))
        put(partitionKey, undefined, data, second * 1000 + 500)
    }
    for (let i = 0; i < 5; i++) put('door-2', undefined, Buffer.from('shut'), second * 1000 + 600 + i)
  }
  counted.end()
  return counted
}

it('docs/cli.md shows what stat prints', () => {
  const text = textOf(
    reportOf(
      {
        kind: 'stream',
        name: 'readings',
        from: FROM,
        until: FROM + SECONDS * 1000 - 1,
        shards: SHARDS,
        maxBytesPerShard: 10 * 2 ** 20,
        mode: 'PROVISIONED'
      },
      survey()
    ),
    100
  )
  const shown = blocks('cli.md', 'text').find(block => block.startsWith('Sample: '))
  expect(shown).toBe(text)
})
