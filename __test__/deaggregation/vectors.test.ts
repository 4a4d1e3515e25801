import { describe, expect, it } from 'vitest'
import {
  aggregate,
  deaggregate,
  deaggregateSync,
  isAggregated,
  iterateUserRecords,
  type KinesisRecordInput,
  type DeaggregatedRecord
} from 'kinesis-agg'
import { about, arrivedAt, bytesForms, lambda, sdk, wrappers } from '../support/inputs'
import { reference } from '../support/reference'
import { seen, thrownBy } from '../support/seen'
import { type Vector, ofKind, vectors } from '../support/vectors'

const CODES = { checksum: 'ERR_INVALID_CHECKSUM', malformed: 'ERR_MALFORMED_RECORD' } as const

const plainOf = ({ bytes }: Vector) => [
  { partitionKey: about.partitionKey, explicitHashKey: null, data: bytes.toString('base64') }
]

/** Checks the form without callbacks, which throws for damaged records. */
function holds(vector: Vector, run: () => DeaggregatedRecord[]): void {
  const { kind, records } = vector
  if (kind === 'checksum' || kind === 'malformed') {
    expect(thrownBy(run)).toMatchObject({ name: 'KinesisAggError', code: CODES[kind] })
  } else {
    const found = run()
    expect(seen(found)).toEqual(kind === 'records' ? records : plainOf(vector))
    expect(found.every(record => record.aggregated === (kind === 'records'))).toBe(true)
  }
}

it('there are 66 vectors, of every kind', () => {
  expect(vectors).toHaveLength(66)
  expect(new Set(vectors.map(({ kind }) => kind)).size).toBe(4)
})

describe('every form of bytes', () => {
  describe.each(Object.entries(bytesForms))('%s', (_, form) => {
    // Half a Uint16 does not exist.
    const fitting = vectors.filter(({ bytes }) => form(bytes) !== undefined)
    it.each(fitting)('without callbacks: $name', vector => {
      holds(vector, () => deaggregateSync(lambda(form(vector.bytes))))
      expect(isAggregated(lambda(form(vector.bytes)))).toBe(vector.kind !== 'plain')
    })

    it.each(fitting)('with callbacks: $name', vector => {
      const raw = form(vector.bytes)
      const calls: unknown[][] = []
      deaggregateSync(lambda(raw), true, (...args) => calls.push(args))
      expect(calls).toHaveLength(1)
      const [error, records] = calls[0] as [Error | undefined, Record<string, unknown>[]]
      const { kind } = vector
      if (kind === 'checksum' || kind === 'malformed') {
        expect(error).toMatchObject({ code: CODES[kind] })
        expect(records).toEqual([])
      } else if (kind === 'plain') {
        const { partitionKey, sequenceNumber } = about
        expect(records).toEqual([
          { partitionKey, explicitPartitionKey: undefined, sequenceNumber, data: raw }
        ])
        expect(records[0]!['data']).toBe(raw)
        expect(error).toBeUndefined()
      } else {
        expect(error).toBeUndefined()
        expect(records).toEqual(
          vector.records.map(({ partitionKey, explicitHashKey, data }, subSequenceNumber) => ({
            partitionKey,
            explicitPartitionKey: explicitHashKey ?? undefined,
            sequenceNumber: about.sequenceNumber,
            subSequenceNumber,
            data
          }))
        )
      }
    })
  })
})

describe('every form of record', () => {
  describe.each(Object.entries(wrappers))('%s', (name, wrap) => {
    it.each(vectors)('$name', vector => {
      for (const data of [vector.record, vector.bytes]) {
        holds(vector, () => deaggregateSync(wrap(data)))
        expect(isAggregated(wrap(data))).toBe(vector.kind !== 'plain')
      }
    })

    it.each(ofKind('records', 'plain'))('what is told of it: $name', ({ record, kind }) => {
      const source = wrap(record)
      const found = deaggregateSync(source)
      expect(found.map(({ subSequenceNumber }) => subSequenceNumber)).toEqual(
        found.map((_, i) => (kind === 'records' ? i : 0))
      )
      // One of each for all of them.
      const told = new Set(
        found.flatMap(one => [one.sequenceNumber, one.approximateArrivalTimestamp, one.source])
      )
      const timestamp = name === 'a record of the SDK' ? arrivedAt : about.timestamp
      expect([...told]).toEqual(found.length === 0 ? [] : [about.sequenceNumber, timestamp, source])
      if (found.length > 0) expect(told.has(source)).toBe(true)
    })
  })
})

describe('many records at once', () => {
  const good = ofKind('records', 'plain')
  const expected = good.flatMap(one => (one.kind === 'records' ? one.records : plainOf(one)))

  it.each(Object.entries(wrappers))('all good ones as %s', (_, wrap) => {
    expect(seen(deaggregateSync(good.map(({ record }) => wrap(record))))).toEqual(expected)
  })

  it('all good ones, in forms that change from record to record', () => {
    const forms = Object.values(bytesForms)
    const input = good.map(({ bytes, record }, i) => lambda(forms[i % forms.length]!(bytes) ?? record))
    expect(seen(deaggregateSync(input))).toEqual(expected)
  })

  it('one after the other from the iterator', () => {
    const input = new Set(good.map(({ record }) => lambda(record)))
    expect(seen([...iterateUserRecords(input)])).toEqual(expected)
  })

  it.each(ofKind('checksum', 'malformed'))('a damaged one among good ones: $name', vector => {
    const input: KinesisRecordInput[] = good.slice(0, 3).map(({ record }) => lambda(record))
    const bad = sdk(vector.bytes)
    input.splice(2, 0, bad)
    const error = thrownBy(() => deaggregateSync(input))
    expect(error.record).toBe(bad)
    // The iterator hands out what came before.
    const before: unknown[] = []
    expect(
      thrownBy(() => {
        for (const record of iterateUserRecords(input)) before.push(record.source)
      }).record
    ).toBe(bad)
    expect(new Set(before)).toEqual(new Set(input.slice(0, 2)))
  })

  it('of several megabytes: as each by itself, in order', () => {
    // More than is decoded at a time, and not in step with it.
    const large = Array.from({ length: 75 }, (_, i) => {
      if (i % 5 === 1) return { data: Buffer.from(`plain ${i}`), partitionKey: 'k', sequenceNumber: `${i}` }
      const records = [0, 1].map(j => ({ partitionKey: `k-${j}`, data: `${i}-${j} `.padEnd(20_000, 'x') }))
      return { data: aggregate(records)[0]!.data, partitionKey: 'k', sequenceNumber: `${i}` }
    })

    const all = deaggregateSync(large)
    expect(all).toHaveLength(135)
    expect(all).toEqual(large.flatMap(record => deaggregateSync(record)))
  })

  it("all 66 with onInvalid: 'passthrough'", () => {
    const input = vectors.map(({ record }) => lambda(record))
    const all = vectors.flatMap(one => (one.kind === 'records' ? one.records : plainOf(one)))
    expect(seen(deaggregateSync(input, { onInvalid: 'passthrough' }))).toEqual(all)
    expect(seen([...iterateUserRecords(input, { onInvalid: 'passthrough' })])).toEqual(all)
  })
})

describe('the callback per user record', () => {
  it.each(vectors)('$name', vector => {
    const records: unknown[] = []
    const after: unknown[][] = []
    deaggregate(
      lambda(vector.record),
      true,
      (error, record) => records.push([error, record.data, record.partitionKey, record.subSequenceNumber]),
      (...args) => after.push(args)
    )
    const { kind } = vector
    expect(after).toHaveLength(1)
    if (kind === 'records') {
      expect(records).toEqual(
        vector.records.map(({ partitionKey, data }, i) => [null, data, partitionKey, i])
      )
    } else if (kind === 'plain') {
      expect(records).toEqual([[null, vector.record, about.partitionKey, undefined]])
    } else {
      expect(records).toEqual([])
      expect(after[0]![0]).toMatchObject({ code: CODES[kind] })
    }
    if (kind === 'records' || kind === 'plain') expect(after).toEqual([[]])
  })
})

describe('without verifying the checksum', () => {
  it.each(ofKind('records', 'plain', 'malformed'))('the same as with it: $name', vector => {
    holds(vector, () => deaggregateSync(lambda(vector.record), { computeChecksums: false }))
  })

  it.each(ofKind('checksum'))('what protobufjs makes of it: $name', vector => {
    let expected: unknown
    reference.deaggregateSync(lambda(vector.record), false, (error, list) => {
      expected = error === undefined ? list : 'damaged'
    })
    let found: unknown
    deaggregateSync(lambda(vector.record), false, (error, list) => {
      found = error === undefined ? list : 'damaged'
      if (error !== undefined) expect(error).toMatchObject({ code: 'ERR_MALFORMED_RECORD' })
    })
    expect(found).toEqual(expected)
    const options = { computeChecksums: false, onInvalid: 'passthrough' } as const
    const passed = seen(deaggregateSync(lambda(vector.record), options)).map(({ data }) => data)
    expect(passed).toEqual(
      expected === 'damaged' ? [vector.record] : (expected as { data: string }[]).map(({ data }) => data)
    )
  })
})
