import '../support/source-binary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aggregate } from 'kinesis-agg'
import { type LaneHead, aggregateBound, encodeLane, sealAll } from '../../src-js/aggregation/lane-encoder'
import { type Input, whatWentIn } from '../support/arbitraries'
import { laidOut, laneRecords } from '../support/lanes'

const NO_LIMIT = 0xffff_ffff
/** The highest limit that aggregate takes: more than any test needs. */
const MAX_SIZE = 10 * 1024 * 1024

/** A whole lane in aggregates, sealed all at once. */
function encodeAll(records: readonly Input[], maxSize: number, maxRecords = NO_LIMIT) {
  const { slab, places } = laidOut(records)
  const aggregates: { data: Buffer; records: Input[] }[] = []
  for (let first = 0, from = 0; first < records.length;) {
    const count = records.length - first
    const out = Buffer.alloc(Math.min(maxSize, aggregateBound(slab.length - from, count)))
    const head = encodeLane(slab, from, slab.length, places, first, count, maxSize, maxRecords, out)
    if (head.records === 0) break
    aggregates.push({
      data: out.subarray(0, head.size),
      records: records.slice(first, first + head.records)
    })
    first += head.records
    from += head.slabBytes
  }
  sealAll(aggregates.map(({ data }) => data))
  return aggregates
}

/** The least that every record fits into alone. */
const leastSize = (records: Input[]): number =>
  Math.max(
    ...records.map(record => aggregate([record])[0]!.data.length + Buffer.byteLength(record.partitionKey))
  )

const NOTHING: LaneHead = { records: 0, size: 0, slabBytes: 0 }

describe('encodeLane', () => {
  it('makes the aggregates that aggregate makes', () => {
    fc.assert(
      fc.property(laneRecords, fc.nat(100_000), (records, more) => {
        const maxSize = leastSize(records) + more
        const expected = aggregate(records, { maxSize })
        const found = encodeAll(records, maxSize)
        expect(found.length).toBe(expected.length)
        for (const [i, { data, records }] of found.entries()) {
          expect(data.equals(expected[i]!.data), `aggregate ${i}`).toBe(true)
          expect(expected[i]!.partitionKey).toBe(records[0]!.partitionKey)
        }
      })
    )
  })

  it('takes at most so many records', () => {
    fc.assert(
      fc.property(laneRecords, fc.integer({ min: 1, max: 50 }), (records, maxRecords) => {
        const found = encodeAll(records, MAX_SIZE, maxRecords)
        expect(found.length).toBe(Math.ceil(records.length / maxRecords))
        for (const { data, records } of found) {
          expect(data.equals(aggregate(records, { maxSize: MAX_SIZE })[0]!.data)).toBe(true)
        }
        expect(whatWentIn(found.flatMap(({ records }) => records))).toEqual(whatWentIn(records))
      })
    )
  })

  it('cuts where aggregate and partition key fill the limit exactly', () => {
    fc.assert(
      fc.property(laneRecords, records => {
        const { slab, places } = laidOut(records)
        const [all] = aggregate(records, { maxSize: MAX_SIZE })
        const fits = all!.data.length + Buffer.byteLength(all!.partitionKey)
        const out = Buffer.alloc(all!.data.length)
        const take = (maxSize: number) =>
          encodeLane(slab, 0, slab.length, places, 0, records.length, maxSize, NO_LIMIT, out)
        const { length: size } = all!.data
        expect(take(fits)).toEqual({ records: records.length, size, slabBytes: slab.length })
        const less = take(fits - 1)
        const last = records.at(-1)!
        expect(less.records).toBe(records.length - 1)
        const lastBytes =
          Buffer.byteLength(last.partitionKey) + (last.explicitHashKey ?? '').length + last.data.length
        expect(less.slabBytes).toBe(less.records === 0 ? 0 : slab.length - lastBytes)
      })
    )
  })

  it('takes nothing if the first record does not fit, or none is wanted', () => {
    const { slab, places } = laidOut([
      { partitionKey: 'a', data: Buffer.alloc(100) },
      { partitionKey: 'b', data: Buffer.alloc(1) }
    ])
    const take = (count: number, maxSize: number, maxRecords: number) =>
      encodeLane(slab, 0, slab.length, places, 0, count, maxSize, maxRecords, Buffer.alloc(300))
    for (const maxSize of [0, 19, 100, 129]) expect(take(2, maxSize, NO_LIMIT)).toEqual(NOTHING)
    expect(take(2, 1000, 0)).toEqual(NOTHING)
    expect(take(0, 1000, NO_LIMIT)).toEqual(NOTHING)
    // Magic 4, key 3, record 2 + 2 + 2 + 100, digest 16; and the key once more.
    expect(take(2, 130, NO_LIMIT)).toEqual({ records: 1, size: 129, slabBytes: 101 })
  })

  it('reads only its part of slab and places, and leaves them as they are', () => {
    const records = Array.from({ length: 9 }, (_, i) => ({
      partitionKey: `key ${i % 2}`,
      data: Buffer.from(`data ${i}`)
    }))
    const { slab, places } = laidOut(records)
    const before = [Buffer.from(slab), Uint32Array.from(places)]
    const [wanted] = aggregate(records.slice(3, 7))
    const each = slab.length / 9
    const out = Buffer.alloc(1000, 0xaa)
    const head = encodeLane(slab, 3 * each, 7 * each, places, 3, 4, NO_LIMIT, NO_LIMIT, out)
    expect(head).toEqual({ records: 4, size: wanted!.data.length, slabBytes: 4 * each })
    expect(out.subarray(head.size).every(byte => byte === 0xaa)).toBe(true)
    sealAll([out.subarray(0, head.size)])
    expect(out.subarray(0, head.size).equals(wanted!.data)).toBe(true)
    expect([slab, places]).toEqual(before)
  })

  it.each<[string, (args: Parameters<typeof encodeLane>) => void]>([
    ['a slab that ends before its records', args => (args[2] = 5)],
    ['an end behind the slab', args => (args[2] = 7)],
    ['a beginning behind the end', args => (args[1] = 7)],
    ['more records than places', args => (args[5] = 3)],
    ['a first record behind the places', args => (args[4] = 3)],
    ['a negative beginning', args => (args[1] = -1)],
    ['a record outside the slab', args => (args[3][2] = 5)],
    ['lengths of 4 GiB', args => args[3].fill(0xffff_ffff)],
    ['too little room', args => (args[8] = Buffer.alloc(20))]
  ])('refuses %s', (_what, change) => {
    const slab = Buffer.from('a12b34')
    const places = Uint32Array.of(1, 0, 2, 0, 1, 0, 2, 0)
    const args: Parameters<typeof encodeLane> = [
      slab,
      0,
      6,
      places,
      0,
      2,
      NO_LIMIT,
      NO_LIMIT,
      Buffer.alloc(100)
    ]
    expect(encodeLane(...args).records).toBe(2)
    change(args)
    expect(() => encodeLane(...args)).toThrow('ERR_INTERNAL')
  })
})
