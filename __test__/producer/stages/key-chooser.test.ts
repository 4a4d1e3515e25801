/** Which shard a record without a key goes to. */
import '../../support/source-binary'
import { expect, it } from 'vitest'
import { KeyChooser } from '../../../src-js/producer/key-chooser'
import { RecordBatch } from '../../../src-js/producer/record-batch'
import { KEYLESS, RecordTable } from '../../../src-js/producer/record-table'
import { StreamShards } from '../../../src-js/producer/stream-shards'
import { hashKeyOf } from '../../../src-js/shards/shard-map'

const END = 1n << 128n

/** Asks for keys of so many records, with shards of equal size, and says how many records each shard gets. */
function chosen({
  shards,
  count,
  waiting = () => 0,
  isTroubled = () => false
}: {
  shards: number
  count: number
  waiting?: (position: number) => number
  isTroubled?: (position: number) => boolean
}): number[] {
  const known = new StreamShards()
  const listing = Array.from({ length: shards }, (_, i) => ({
    ShardId: `shard-${i}`,
    HashKeyRange: {
      StartingHashKey: String((END * BigInt(i)) / BigInt(shards)),
      EndingHashKey: String((END * BigInt(i + 1)) / BigInt(shards) - 1n)
    }
  }))
  known.take(listing, 0, 0, [])
  const table = new RecordTable()
  const chooser = new KeyChooser(table, { waitingAt: waiting, isTroubledAt: isTroubled })
  const batch = new RecordBatch()
  for (let i = 0; i < count; i++) batch.add(Buffer.alloc(100), 0, 0, 0, 100, table.add(0, undefined, KEYLESS))
  const keyed = chooser.choose(batch, known.open, false)
  const counts = Array.from({ length: shards }, () => 0)
  const offsets = keyed.offsets()
  for (let i = 0; i < keyed.count; i++) {
    const key = keyed.bytes.toString('utf8', offsets[i], offsets[i]! + keyed.places[4 * i]!)
    const position = known.open.findIndex(({ lo, hi }) => hashKeyOf(key) >= lo && hashKeyOf(key) <= hi)
    counts[position]!++
  }
  return counts
}

it('records are spread evenly', () => {
  expect(chosen({ shards: 4, count: 400 })).toEqual([100, 100, 100, 100])
})

it('the shard of which least waits comes first', () => {
  expect(chosen({ shards: 3, count: 30, waiting: position => position * 1000 })).toEqual([20, 10, 0])
})

it('none goes to a shard that refuses, though more waits elsewhere; nor where most of many refuse', () => {
  const waiting = (position: number): number => (position === 1 ? 0 : 1_000_000)
  expect(chosen({ shards: 4, count: 40, waiting, isTroubled: position => position === 1 })[1]).toBe(0)
  const counts = chosen({ shards: 64, count: 100, isTroubled: position => position !== 50 })
  expect(counts[50]).toBe(100)
})

it('where all refuse, they are spread as ever', () => {
  expect(chosen({ shards: 4, count: 400, isTroubled: () => true })).toEqual([100, 100, 100, 100])
})
