// KCL keeps a record alone in its aggregate exactly where hashKeyRange does: at both ends of a shard, one past
// them, and in between.
import { Random } from '../../bench/corpus.mjs'
import { hashKeyOf } from 'kinesis-agg'
import { Check } from '../lib/check.mjs'
import { read, write } from '../lib/ours.mjs'
import { MAX_HASH_KEY, ascending, randomBits, randomSets } from '../lib/sets.mjs'

export async function ranges(ask, count) {
  const check = new Check('keeps a single record where hashKeyRange does')
  const random = new Random(3)
  const kept = { true: 0, false: 0 }
  for (const [record] of randomSets(count, 3)) {
    const aggregates = write([record])
    for (const [start, end] of rangesAround(hashKeyOf(record.partitionKey, record.explicitHashKey), random)) {
      const range = [String(start), String(end)]
      const [startingHashKey, endingHashKey] = range
      const ours = read(aggregates, { hashKeyRange: { startingHashKey, endingHashKey } })
      check.compare(await ask({ records: aggregates, range }), ours, { records: 1 })
      kept[ours.length === 1] += 1
    }
  }
  if (kept.true < count || kept.false < count) throw new Error(`kept ${kept.true}, dropped ${kept.false}`)
  return check.result()
}

function rangesAround(hashKey, random) {
  const [low, high] = ascending([randomBits(random, 128), randomBits(random, 128)])
  return [
    [hashKey, hashKey],
    [hashKey, MAX_HASH_KEY],
    [0n, hashKey],
    [hashKey + 1n, MAX_HASH_KEY],
    [0n, hashKey - 1n],
    [low, high]
  ].filter(([start, end]) => start <= end)
}
