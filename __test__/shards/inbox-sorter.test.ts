import '../support/source-binary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LANE_WORDS, RUN_WORDS } from '../../src-js/native/layout'
import { ShardMap, hashKeyOf } from '../../src-js/shards/shard-map'
import { SortedInbox, hashKeysOf, sortByShard } from '../../src-js/shards/inbox-sorter'
import type { Input } from '../support/arbitraries'
import { laidOut, laneRecords } from '../support/lanes'

const END = 1n << 128n

/** Shards between the hash keys given, 0 and 2^128 added. */
function shardsBetween(cuts: readonly bigint[]): ShardMap {
  const starts = [...new Set([0n, ...cuts])].toSorted((a, b) => (a < b ? -1 : 1))
  return new ShardMap(
    starts.map((start, i) => ({
      ShardId: `shardId-${i}`,
      HashKeyRange: { StartingHashKey: String(start), EndingHashKey: String((starts[i + 1] ?? END) - 1n) }
    }))
  )
}

const shardMaps = fc
  .oneof(
    fc.array(fc.bigInt(0n, END - 1n), { maxLength: 30 }),
    fc.constant(Array.from({ length: 1000 }, (_, i) => (END * BigInt(i)) / 1000n))
  )
  .map(shardsBetween)

/** The records of each shard, shards in the order of their first records: one by one. */
function byShard(shards: ShardMap, records: readonly Input[]): Map<string, number[]> {
  const numbers = new Map<string, number[]>()
  for (const [number, { partitionKey, explicitHashKey }] of records.entries()) {
    const { shardId } = shards.shardFor(partitionKey, explicitHashKey)
    const before = numbers.get(shardId)
    if (before === undefined) numbers.set(shardId, [number])
    else before.push(number)
  }
  return numbers
}

describe('sortByShard', () => {
  it('brings each record where it goes alone, and keeps the order', () => {
    fc.assert(
      fc.property(laneRecords, shardMaps, (records, shards) => {
        const { slab, places } = laidOut(records)
        const sorted = new SortedInbox(slab.length, records.length)
        const count = sortByShard(shards, slab, places, records.length, sorted)
        const wanted = byShard(shards, records)
        expect(count).toBe(wanted.size)
        const order = [...wanted.values()].flat()
        const expected = laidOut(order.map(number => records[number]!))
        expect(sorted.bytes.equals(expected.slab)).toBe(true)
        for (const [i, number] of order.entries()) expected.places[i * LANE_WORDS + 3] = number
        expect(sorted.places).toEqual(expected.places)
        const runs = [...wanted].map(([shardId, numbers]) => [
          shards.shards.findIndex(shard => shard.shardId === shardId),
          numbers.length,
          laidOut(numbers.map(number => records[number]!)).slab.length
        ])
        expect([...sorted.runs.subarray(0, count * RUN_WORDS)]).toEqual(runs.flat())
      })
    )
  })

  it('leaves out what lies behind the last record, in its memory too', () => {
    const { slab, places } = laidOut([
      { partitionKey: 'a', data: Buffer.from('1') },
      { partitionKey: 'b', data: Buffer.from('2') }
    ])
    const sorted = new SortedInbox(10, 3)
    sorted.bytes.fill(0xaa)
    expect(sortByShard(shardsBetween([]), slab, places, 1, sorted)).toBe(1)
    expect([...sorted.runs.subarray(0, 3)]).toEqual([0, 1, 2])
    expect(sorted.bytes.toString('latin1')).toBe(`a1${'\xaa'.repeat(8)}`)
    expect([...sorted.places]).toEqual([1, 0, 1, 0, ...Array(8).fill(0)])
  })

  it.each<[string, (args: Parameters<typeof sortByShard>) => void]>([
    ['more records than places', args => (args[3] = 3)],
    ['a record outside the inbox', args => (args[2][6] = 3)],
    ['lengths of 4 GiB', args => args[2].fill(0xffff_ffff)],
    ['a bad explicit hash key', args => (args[1][1] = 0x61)],
    ['too little room for bytes', args => (args[4] = new SortedInbox(5, 2))],
    ['too little room for records', args => (args[4] = new SortedInbox(6, 1))]
  ])('refuses %s', (_what, change) => {
    for (const shards of [shardsBetween([]), shardsBetween([1n << 127n])]) {
      const inbox = Buffer.from('a12b34')
      const places = Uint32Array.of(1, 1, 1, 0, 1, 0, 2, 0)
      const args: Parameters<typeof sortByShard> = [shards, inbox, places, 2, new SortedInbox(6, 2)]
      expect(sortByShard(...args)).toBeGreaterThan(0)
      change(args)
      expect(() => sortByShard(...args)).toThrow('ERR_INTERNAL')
    }
  })
})

describe('hashKeysOf', () => {
  it('gives what hashKeyOf gives', () => {
    fc.assert(
      fc.property(laneRecords, records => {
        const { slab, places } = laidOut(records)
        const expected = records.map(({ partitionKey, explicitHashKey }) =>
          hashKeyOf(partitionKey, explicitHashKey).toString(16).padStart(32, '0')
        )
        expect(hashKeysOf(slab, places, records.length).toString('hex')).toBe(expected.join(''))
      })
    )
  })

  it('refuses what contradicts itself', () => {
    const places = Uint32Array.of(1, 2, 1, 0)
    expect(hashKeysOf(Buffer.from('a12x'), places, 1).toString('hex')).toBe(`${'0'.repeat(31)}c`)
    expect(() => hashKeysOf(Buffer.from('a01x'), places, 1)).toThrow('ERR_INTERNAL')
    expect(() => hashKeysOf(Buffer.from('a12'), places, 1)).toThrow('ERR_INTERNAL')
    expect(() => hashKeysOf(Buffer.from('a12x'), places, 2)).toThrow('ERR_INTERNAL')
  })
})
