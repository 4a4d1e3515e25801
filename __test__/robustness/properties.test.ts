import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecordAggregator, aggregate, deaggregateSync } from 'kinesis-agg'
import { leastSize, someInputs, whatWentIn } from '../support/arbitraries'
import { bytesForms, wrappers } from '../support/inputs'
import { encodeByHand } from '../support/wire'

const MIB = 1024 * 1024

describe('the same records come out', () => {
  it('of any records in, whatever the size of the aggregates', () => {
    fc.assert(
      fc.property(someInputs, fc.nat(20_000), (records, more) => {
        const encoded = aggregate(records, { strict: false, maxSize: leastSize(records) + more })
        const back = deaggregateSync(encoded)
        expect(whatWentIn(back)).toEqual(whatWentIn(records))
        expect(back.every(({ aggregated }) => aggregated)).toBe(true)
      }),
      { numRuns: 200 }
    )
  })

  it('and in again: user records can be aggregated as they are', () => {
    fc.assert(
      fc.property(someInputs, records => {
        const [encoded] = aggregate(records, { strict: false })
        expect(whatWentIn(aggregate(deaggregateSync(encoded!), { strict: false }))).toEqual(
          whatWentIn([encoded!])
        )
      })
    )
  })

  it('byte for byte what the format says', () => {
    fc.assert(
      fc.property(someInputs, records => {
        const [encoded] = aggregate(records, { strict: false })
        expect(encoded!.data.equals(encodeByHand(records))).toBe(true)
        expect(encoded!.partitionKey).toBe(records[0]!.partitionKey)
        expect(encoded!.explicitHashKey).toBe(records[0]!.explicitHashKey)
      }),
      { numRuns: 200 }
    )
  })
})

describe('sizes', () => {
  it('data and UTF-8 key are within any limit, and the next record would not have been', () => {
    fc.assert(
      fc.property(someInputs, fc.nat(5000), (records, more) => {
        const maxSize = leastSize(records) + more
        let from = 0
        for (const { data, partitionKey } of aggregate(records, { strict: false, maxSize })) {
          expect(data.length + Buffer.byteLength(partitionKey)).toBeLessThanOrEqual(maxSize)
          const to = from + deaggregateSync({ Data: data }).length
          if (to < records.length) {
            const longer = encodeByHand(records.slice(from, to + 1)).length
            expect(longer + Buffer.byteLength(partitionKey)).toBeGreaterThan(maxSize)
          }
          from = to
        }
      }),
      { numRuns: 200 }
    )
  })

  it('totalBytes is exact, and grows by what calculateUserRecordSize says', () => {
    fc.assert(
      fc.property(someInputs, records => {
        const aggregator = new RecordAggregator({ strict: false })
        for (const [i, record] of records.entries()) {
          const before = aggregator.totalBytes
          const size = aggregator.calculateUserRecordSize(record)
          expect(aggregator.totalBytes).toBe(before)
          aggregator.addUserRecord(record)
          expect(aggregator.totalBytes).toBe(before + size)
          expect(aggregator.length()).toBe(i + 1)
        }
        expect(aggregator.totalBytes).toBe(encodeByHand(records).length - 20)
        const { totalBytes } = aggregator
        expect(aggregator.build()!.data.length - 20).toBe(totalBytes)
      })
    )
  })

  it('checkIfUserRecordFits foretells addUserRecord', () => {
    fc.assert(
      fc.property(someInputs, fc.nat(3000), (records, more) => {
        const aggregator = new RecordAggregator({ strict: false, maxSize: leastSize(records) + more })
        for (const record of records) {
          const length = aggregator.length()
          if (aggregator.checkIfUserRecordFits(record)) aggregator.addUserRecord(record)
          else expect(() => aggregator.addUserRecord(record)).toThrow("record won't fit")
          expect(aggregator.length()).toBeGreaterThanOrEqual(length)
        }
        expect(deaggregateSync(aggregator.build()!).length).toBeGreaterThan(0)
      })
    )
  })
})

describe('the first record of an aggregate', () => {
  it('fits exactly if it and its partition key do, whatever was in the aggregator before', () => {
    const record = { partitionKey: 'device-1', data: 'x'.repeat(1000) }
    const needed = aggregate([record], { strict: false })[0]!.data.length + record.partitionKey.length
    const earlier = { partitionKey: 'much longer than the other'.repeat(4), data: '' }
    for (let maxSize = needed - 3; maxSize <= needed + 3; maxSize++) {
      const emptied = new RecordAggregator({ strict: false, maxSize })
      emptied.addUserRecord(earlier)
      emptied.build()
      for (const aggregator of [new RecordAggregator({ strict: false, maxSize }), emptied]) {
        expect(aggregator.checkIfUserRecordFits(record)).toBe(maxSize >= needed)
        if (maxSize >= needed) aggregator.addUserRecord(record)
        else
          expect(() => aggregator.addUserRecord(record)).toThrow(
            expect.objectContaining({ code: 'ERR_RECORD_TOO_LARGE' })
          )
      }
    }
  })
})

describe('the forms of deaggregation tell the same', () => {
  it('with callbacks and without, for every input type', () => {
    const forms = fc.constantFrom(...Object.values(bytesForms))
    const wraps = fc.constantFrom(...Object.values(wrappers))
    fc.assert(
      fc.property(someInputs, forms, wraps, (records, form, wrap) => {
        const { data } = aggregate(records, { strict: false })[0]!
        const record = wrap(form(data) ?? data)
        const here = deaggregateSync(record)
        expect(whatWentIn(here)).toEqual(whatWentIn(records))
        deaggregateSync(record, true, (error, list) => {
          expect(error).toBeUndefined()
          expect(
            list.map(one =>
              'Data' in one
                ? [one.PartitionKey, one.ExplicitPartitionKey, one.Data]
                : [one.partitionKey, one.explicitPartitionKey, one.data]
            )
          ).toEqual(whatWentIn(records))
        })
      }),
      { numRuns: 200 }
    )
  })
})

describe('the default limit', () => {
  it('is 1 MiB', () => {
    const records = Array.from({ length: 3000 }, (_, i) => ({
      partitionKey: `k${i}`,
      data: Buffer.alloc(1000)
    }))
    const sizes = aggregate(records, { strict: false }).map(
      ({ data, partitionKey }) => data.length + partitionKey.length
    )
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MIB)
    expect(Math.max(...sizes)).toBeGreaterThan(MIB - 1100)
    expect(aggregate(records, { strict: false, maxSize: MIB })).toHaveLength(sizes.length)
  })
})
