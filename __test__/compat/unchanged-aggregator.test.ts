/** What the design keeps of `RecordAggregator` and of its hash keys. */
import { describe, expect, it } from 'vitest'
import { RecordAggregator, aggregate, deaggregateSync } from 'kinesis-agg'
import { thrownBy } from '../support/seen'

describe('RecordAggregator', () => {
  it('has all methods', () => {
    const calls: unknown[][] = []
    const aggregator = new RecordAggregator((...args) => calls.push(args))
    const record = { partitionKey: 'k', data: 'xyz' }
    expect(aggregator.checkIfUserRecordFits(record)).toBe(true)
    // Field 1 'k': 3; record field: 2 + index 2 + data 5.
    expect(aggregator.calculateUserRecordSize(record)).toBe(12)
    aggregator.addUserRecord(record)
    aggregator.aggregateRecords([record, record])
    expect(aggregator.length()).toBe(3)
    expect(aggregator.totalBytes).toBe(12 + 9 + 9)
    expect(calls).toEqual([])
    aggregator.flushBufferedRecords()
    expect(calls).toMatchObject([[null, { partitionKey: 'k' }]])
    expect([aggregator.length(), aggregator.totalBytes]).toEqual([0, 0])
    aggregator.addUserRecord(record)
    expect(aggregator.build()!.data.length).toBe(12 + 20)
    expect(aggregator.length()).toBe(0)
    aggregator.addUserRecord(record)
    aggregator.clearRecords()
    expect(aggregator.build()).toBeUndefined()
  })

  it('build() of an empty one is undefined, and flushBufferedRecords calls back (null, undefined)', () => {
    const aggregator = new RecordAggregator()
    expect(aggregator.build()).toBeUndefined()
    const calls: unknown[][] = []
    aggregator.flushBufferedRecords((...args) => calls.push(args))
    expect(calls).toEqual([[null, undefined]])
  })

  it('a callback of the call goes before that of the aggregator', () => {
    const calls: string[] = []
    const aggregator = new RecordAggregator(() => calls.push('first'))
    const second = (): unknown => calls.push('second')
    expect(aggregator.setOnReadyCallback()).toBeTypeOf('function')
    const records = [{ partitionKey: 'k', data: 'x' }]
    aggregator.aggregateRecords(records, true)
    expect(aggregator.setOnReadyCallback(second)).toBe(second)
    expect(aggregator.setOnReadyCallback()).toBe(second)
    aggregator.aggregateRecords(records, true)
    aggregator.aggregateRecords(records, true, () => calls.push('third'))
    aggregator.aggregateRecords(records)
    aggregator.flushBufferedRecords(() => calls.push('fourth'))
    expect(calls).toEqual(['first', 'second', 'third', 'fourth'])
  })

  it('flushes at the end for true only, as there', () => {
    const calls: unknown[] = []
    const aggregator = new RecordAggregator(error => calls.push(error))
    aggregator.aggregateRecords([{ partitionKey: 'k', data: 'x' }], 1 as never)
    expect([calls.length, aggregator.length()]).toEqual([0, 1])
  })

  it('can be subclassed', () => {
    class Counting extends RecordAggregator {
      added = 0
      override addUserRecord(record: { partitionKey: string; data: string }): void {
        super.addUserRecord(record)
        this.added++
      }
    }
    const aggregator = new Counting()
    aggregator.addUserRecord({ partitionKey: 'k', data: 'x' })
    expect([aggregator.added, aggregator.length()]).toEqual([1, 1])
    expect(aggregator).toBeInstanceOf(RecordAggregator)
  })

  it('takes anything with forEach, and any iterable', () => {
    const records = [
      { partitionKey: 'k', data: 'x' },
      { partitionKey: 'l', data: 'y' }
    ]
    const inputs = [
      records,
      new Set(records),
      new Map(records.map((record, i) => [i, record])),
      { forEach: (each: (record: object) => void) => records.forEach(record => each(record)) },
      records.values(),
      (function* () {
        yield* records
      })()
    ]
    const built = inputs.map(input => {
      const aggregator = new RecordAggregator()
      aggregator.aggregateRecords(input as Iterable<(typeof records)[0]>)
      return aggregator.build()!.data.toString('hex')
    })
    expect(built).toEqual(inputs.map(() => built[0]))
    expect(deaggregateSync({ Data: Buffer.from(built[0]!, 'hex') })).toHaveLength(2)
  })
})

describe('hash keys', () => {
  it('any string passes unless strict', () => {
    const record = { partitionKey: 'k', data: 'x', explicitHashKey: 'not a number' }
    const aggregator = new RecordAggregator()
    aggregator.addUserRecord(record)
    aggregator.aggregateRecords([record])
    const kept = deaggregateSync(aggregator.build()!)
    expect(kept.map(({ explicitHashKey }) => explicitHashKey)).toEqual(['not a number', 'not a number'])
    const strict = new RecordAggregator({ strict: true })
    for (const refuse of [
      () => strict.addUserRecord(record),
      // Our own forms are strict unless told otherwise.
      () => aggregator.push(record),
      () => aggregate([record])
    ]) {
      expect(thrownBy(refuse).code).toBe('ERR_INVALID_HASH_KEY')
    }
    expect(aggregate([record], { strict: false })).toHaveLength(1)
  })

  it('outside are key and hash key of the first user record, though it has none and others do', () => {
    const [encoded] = aggregate([
      { partitionKey: 'first', data: 'x' },
      { partitionKey: 'second', data: 'y', explicitHashKey: '5' }
    ])
    expect(Object.keys(encoded!)).toEqual(['partitionKey', 'data'])
    expect(encoded!.partitionKey).toBe('first')
  })
})
