/**
 * What the design mends of `aws-kinesis-agg` on the way in: one test or more for each row of its table, named
 * like the row.
 */
import { describe, expect, it } from 'vitest'
import { type EncodedRecord, RecordAggregator, aggregate, deaggregateSync } from 'kinesis-agg'
import { lambda } from '../support/inputs'
import { thrownBy } from '../support/seen'
import { aggregated, encodeByHand } from '../support/wire'

const MIB = 1024 * 1024

type Input = { partitionKey: string; data: string; explicitHashKey?: string }

/** What comes out must be what went in. */
function comesBack(records: Input[]): void {
  const encoded = aggregate(records, { strict: false })
  const back = deaggregateSync(encoded)
  expect(
    back.map(({ partitionKey, data, explicitHashKey }) => [partitionKey, `${data}`, explicitHashKey])
  ).toEqual(records.map(({ partitionKey, data, explicitHashKey }) => [partitionKey, data, explicitHashKey]))
}

const keyed = (keys: string[]): Input[] =>
  keys.map(partitionKey => ({ partitionKey, data: `of ${partitionKey}` }))

describe('integer-like keys change places', () => {
  it('tables are in first-seen order', () => {
    const keys = ['2', '1', 'word', '0', '10', '9', '2', '1']
    comesBack(keyed(keys))
    const hashed = keys.map((explicitHashKey, i) => ({ partitionKey: `k${i}`, data: '', explicitHashKey }))
    comesBack(hashed)
    const records = keyed(keys).map(record => Object.assign(record, { data: Buffer.from(record.data) }))
    expect(aggregate(records)[0]!.data).toEqual(encodeByHand(records))
  })
})

describe('__proto__, hasOwnProperty, constructor', () => {
  const names = ['a', '__proto__', 'hasOwnProperty', 'constructor', 'toString', '__proto__', 'valueOf', 'a']

  it('are ordinary keys', () => {
    comesBack(keyed(names))
    comesBack(names.map((explicitHashKey, i) => ({ partitionKey: `k${i}`, data: 'x', explicitHashKey })))
  })

  it('are sized like any other and do not poison the aggregator', () => {
    const aggregator = new RecordAggregator()
    for (const record of keyed(names)) {
      const before = aggregator.totalBytes
      const size = aggregator.calculateUserRecordSize(record)
      aggregator.addUserRecord(record)
      expect(aggregator.totalBytes - before).toBe(size)
    }
    expect(aggregator.build()!.data.length).toBeGreaterThan(20)
    for (const record of keyed(['b'])) aggregator.addUserRecord(record)
    expect(aggregator.length()).toBe(1)
  })
})

describe('a record without hash key gets table entry 0 if any other has one', () => {
  it('presence decides', () => {
    const data = aggregated({
      keys: ['k'],
      hashKeys: ['77'],
      records: [
        { key: 0, data: 'without' },
        { key: 0, hashKey: 0, data: 'with' }
      ]
    })
    expect(deaggregateSync(lambda(data)).map(one => one.explicitHashKey)).toEqual([undefined, '77'])
    deaggregateSync(lambda(data), true, (_, records) =>
      expect(records.map(one => one.explicitPartitionKey)).toEqual([undefined, '77'])
    )
    expect.assertions(2)
  })
})

describe('keys counted in UTF-16 units, or not at all', () => {
  it.each([
    ['of two bytes a character', (i: number) => 'é'.repeat(100) + i],
    ['of three', (i: number) => '鍵'.repeat(100) + i],
    ['of four', (i: number) => '🔑'.repeat(60) + i],
    ['numbers', (i: number) => 1_000_000 + i],
    ['bigints', (i: number) => 10n ** 30n + BigInt(i)]
  ])('UTF-8 bytes, exact: keys %s', (_, key) => {
    const records = Array.from({ length: 20_000 }, (__, i) => ({
      partitionKey: key(i) as string,
      data: 'x'.repeat(90)
    }))
    const encoded = aggregate(records)
    for (const { data, partitionKey } of encoded)
      expect(data.length + Buffer.byteLength(partitionKey)).toBeLessThanOrEqual(MIB)
    // All but the last are full: the next user record would not have fitted.
    const next = 2 * Buffer.byteLength(String(key(19_999))) + 110
    for (const { data } of encoded.slice(0, -1)) expect(data.length).toBeGreaterThan(MIB - next)
    expect(deaggregateSync(encoded).map(one => one.partitionKey)).toEqual(
      records.map((__, i) => String(key(i)))
    )
  })

  it('totalBytes are those of the message', () => {
    const aggregator = new RecordAggregator()
    const records = ['é', '鍵', '🔑', 'é'].map(partitionKey => ({ partitionKey, data: Buffer.from('x') }))
    for (const record of records) aggregator.addUserRecord(record)
    expect(aggregator.totalBytes).toBe(encodeByHand(records).length - 20)
  })
})

describe('key number 0 counted one byte too long once there are over 128 keys', () => {
  it.each([127, 128, 129, 16_383, 16_385])('exact with %i keys', count => {
    const aggregator = new RecordAggregator()
    for (let i = 0; i < count; i++)
      aggregator.addUserRecord({ partitionKey: `k${i}`, data: 'x', explicitHashKey: `h${i}` })
    const again = { partitionKey: 'k0', data: 'x', explicitHashKey: 'h0' }
    // Tag and length, key index, hash key index, data: every number in one byte.
    expect(aggregator.calculateUserRecordSize(again)).toBe(2 + 2 + 2 + 3)
    aggregator.addUserRecord(again)
    const { totalBytes } = aggregator
    expect(aggregator.build()!.data.length).toBe(totalBytes + 20)
  })
})

describe('the limit forgets the outer partition key', () => {
  it('data and key are within the limit, to the byte', () => {
    const partitionKey = 'é'.repeat(100)
    // Key field: 1 + 2 + 200; index 2; data: 1 + 3; record: 1 + 3.
    const room = MIB - 20 - 203 - 200 - 2 - 4 - 4
    const [encoded] = aggregate([{ partitionKey, data: Buffer.alloc(room) }])
    expect(encoded!.data.length + 200).toBe(MIB)
    expect(thrownBy(() => aggregate([{ partitionKey, data: Buffer.alloc(room + 1) }])).code).toBe(
      'ERR_RECORD_TOO_LARGE'
    )
  })
})

describe('hash key 0 dropped; numbers and BigInts leak out unconverted', () => {
  it.each([
    [0, '0'],
    [0n, '0'],
    ['0', '0'],
    [7, '7'],
    [2 ** 53 - 1, '9007199254740991'],
    [2n ** 128n - 1n, '340282366920938463463374607431768211455']
  ])('%s becomes the decimal string %s', (explicitHashKey, text) => {
    const [encoded] = aggregate([{ partitionKey: 'k', data: 'x', explicitHashKey }])
    expect(encoded).toMatchObject({ explicitHashKey: text, ExplicitHashKey: text })
    expect(deaggregateSync(encoded!)[0]!.explicitHashKey).toBe(text)
  })
})

describe('ArrayBuffer and DataView encode as empty; Uint16Array is cut to bytes', () => {
  const expected = Buffer.from([1, 2, 3, 4])
  const memory = new Uint8Array([9, 9, 1, 2, 3, 4, 9, 9]).buffer

  it.each([
    ['ArrayBuffer', new Uint8Array(expected).buffer],
    ['DataView', new DataView(memory, 2, 4)],
    ['Uint16Array', new Uint16Array(memory, 2, 2)],
    ['Uint8Array', new Uint8Array(memory, 2, 4)],
    ['Float32Array', new Float32Array(new Uint8Array(expected).buffer)]
  ])('%s: the bytes', (_, data) => {
    const [record] = deaggregateSync(aggregate([{ partitionKey: 'k', data }]))
    expect(record!.data).toEqual(expected)
  })
})

describe('input records changed in place; frozen ones throw', () => {
  it('untouched', () => {
    const record = Object.freeze({ partitionKey: 'k', data: 'text', explicitHashKey: 5 })
    const aggregator = new RecordAggregator()
    aggregator.calculateUserRecordSize(record)
    aggregator.addUserRecord(record)
    aggregator.push(record)
    aggregator.aggregateRecords(Object.freeze([record]))
    expect(aggregator.length()).toBe(3)
    expect(record).toEqual({ partitionKey: 'k', data: 'text', explicitHashKey: 5 })
  })
})

describe('data read at build time: later changes leak in', () => {
  it('copied when added', () => {
    const data = Buffer.from('before')
    const record = { partitionKey: 'key', data, explicitHashKey: '1' }
    const aggregator = new RecordAggregator()
    aggregator.addUserRecord(record)
    data.write('after!')
    Object.assign(record, { partitionKey: 'other', explicitHashKey: '2' })
    const [back] = deaggregateSync(aggregator.build()!)
    expect([back!.partitionKey, back!.explicitHashKey, `${back!.data}`]).toEqual(['key', '1', 'before'])
  })
})

describe("'' accepted by one method and refused by another", () => {
  const record = { partitionKey: 'k', data: '' }

  it('empty data is data', () => {
    const aggregator = new RecordAggregator()
    expect(aggregator.checkIfUserRecordFits(record)).toBe(true)
    aggregator.addUserRecord(record)
    aggregator.addUserRecord({ ...record, data: Buffer.alloc(0) as never })
    aggregator.push(record)
    aggregator.aggregateRecords([record])
    const back = deaggregateSync(aggregator.build()!)
    expect(back.map(({ data }) => data.length)).toEqual([0, 0, 0, 0])
    expect(deaggregateSync(aggregate([record]))).toHaveLength(1)
  })
})

describe('a missing field throws out of aggregateRecords half way', () => {
  it('per-record error to the callback, the rest goes on', () => {
    const calls: unknown[] = []
    const aggregator = new RecordAggregator((error, encoded) => calls.push(error?.message ?? encoded))
    const records = [
      { partitionKey: 'a', data: 'x' },
      { partitionKey: 'b' },
      { data: 'y' },
      { partitionKey: 'd', data: 'z' }
    ] as Input[]
    aggregator.aggregateRecords(records, true)
    expect(calls.slice(0, 2)).toEqual([
      'Record.Data field is mandatory',
      'record.partitionKey field is mandatory'
    ])
    expect(calls).toHaveLength(3)
    expect(deaggregateSync(calls[2] as EncodedRecord).map(one => one.partitionKey)).toEqual(['a', 'd'])
  })
})

describe('ExplicitHashKey set, explicitHashKey documented', () => {
  it('both', () => {
    const [encoded] = aggregate([{ partitionKey: 'k', data: 'x', explicitHashKey: '12' }])
    expect(encoded).toMatchObject({ explicitHashKey: '12', ExplicitHashKey: '12' })
  })
})

describe('an aggregator with nowhere to deliver drops its records', () => {
  it('throws, and keeps them', () => {
    const aggregator = new RecordAggregator()
    const record = { partitionKey: 'k', data: Buffer.alloc(600_000) }
    aggregator.addUserRecord(record)
    for (const deliver of [
      () => aggregator.flushBufferedRecords(),
      () => aggregator.aggregateRecords([], true),
      () => aggregator.aggregateRecords([record])
    ]) {
      expect(thrownBy(deliver)).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' })
      expect(aggregator.length()).toBe(1)
    }
    expect(deaggregateSync(aggregator.build()!)[0]!.data.equals(record.data)).toBe(true)
  })
})

describe('an async handler never ends aggregate', () => {
  const big = ['a', 'b', 'c'].map(partitionKey => ({ partitionKey, data: Buffer.alloc(600_000) }))

  it('a returned promise counts as its callback', async () => {
    const calls: string[] = []
    await new Promise<void>(resolve => {
      aggregate(
        big,
        async ({ partitionKey }) => {
          calls.push(`start ${partitionKey}`)
          await new Promise(done => setTimeout(done, 2))
          calls.push(`end ${partitionKey}`)
          if (partitionKey === 'b') throw new Error('rejected')
        },
        resolve,
        error => calls.push(error.message)
      )
    })
    expect(calls).toEqual(['start a', 'end a', 'start b', 'end b', 'rejected', 'start c', 'end c'])
  })

  it('a handler that does both counts once', async () => {
    const calls: string[] = []
    await new Promise<void>(resolve => {
      aggregate(
        big,
        async ({ partitionKey }, done) => {
          calls.push(partitionKey)
          done()
        },
        () => {
          calls.push('after')
          setTimeout(resolve, 20)
        },
        error => calls.push(error.message)
      )
    })
    expect(calls).toEqual(['a', 'b', 'c', 'after'])
  })
})
