/** Code of the caller that runs in the middle of a call, calls back in, or throws. */
import { describe, expect, it } from 'vitest'
import {
  type EncodedRecord,
  RecordAggregator,
  aggregate,
  deaggregate,
  deaggregateSync,
  isAggregated
} from 'kinesis-agg'
import { lambda } from '../support/inputs'
import { seen, thrownBy } from '../support/seen'
import { ofKind, vector } from '../support/vectors'
import { aggregated } from '../support/wire'

const outer = vector('every record with its own hash key')
// The one of 20,000 records takes too long here.
const others = ofKind('records').filter(({ records }) => records.length < 1000)

/** Calls that use all memory that is kept between calls, larger than that of the outer one. */
function callBackIn(): void {
  for (const { record, records } of others) {
    expect(seen(deaggregateSync(lambda(record)))).toEqual(records)
    deaggregateSync(lambda(record), true, (_, list) => expect(list).toHaveLength(records.length))
  }
  expect(thrownBy(() => deaggregateSync(lambda(vector('a data byte flipped').record)))).toBeInstanceOf(Error)
  expect(aggregate([{ partitionKey: 'inner', data: 'x'.repeat(50_000) }])).toHaveLength(1)
}

const keysOf = ({ data }: EncodedRecord): string[] =>
  deaggregateSync({ Data: data }).map(one => one.partitionKey)

const record = (partitionKey: string) => ({ partitionKey, data: 'x' })

/** An object each of whose properties runs code when it is read, and tells how often it was. */
function watched<T extends object>(target: T, run: () => void): [T, Map<PropertyKey, number>] {
  const reads = new Map<PropertyKey, number>()
  const proxy = new Proxy(target, {
    get(object, name, receiver) {
      reads.set(name, (reads.get(name) ?? 0) + 1)
      run()
      return Reflect.get(object, name, receiver)
    }
  })
  return [proxy, reads]
}

const expectedLegacy = outer.records.map(({ partitionKey, data }) => [partitionKey, data])

describe('callbacks that call back in', () => {
  it('of deaggregate', () => {
    const found: unknown[] = []
    deaggregate(
      lambda(outer.record),
      true,
      (_, { partitionKey, data, subSequenceNumber }) => {
        if (subSequenceNumber! % 20 === 0) callBackIn()
        found.push([partitionKey, data])
      },
      () => found.push('after')
    )
    expect(found).toEqual([...expectedLegacy, 'after'])
  })

  it('of deaggregateSync', () => {
    deaggregateSync(lambda(outer.record), true, (_, records) => {
      callBackIn()
      expect(records.map(({ partitionKey, data }) => [partitionKey, data])).toEqual(expectedLegacy)
    })
    expect.hasAssertions()
  })

  it('of deaggregate into itself, many deep', () => {
    const order: string[] = []
    const dive = (depth: number): void =>
      deaggregate(
        lambda(vector('two keys').record),
        true,
        (_, { subSequenceNumber }) => {
          order.push(`${depth}.${subSequenceNumber}`)
          if (depth < 3) dive(depth + 1)
        },
        () => order.push(`${depth}.`)
      )
    dive(1)
    const inner = ['3.0', '3.1', '3.']
    const middle = ['2.0', ...inner, '2.1', ...inner, '2.']
    expect(order).toEqual(['1.0', ...middle, '1.1', ...middle, '1.'])
  })

  it('of an aggregator, into the same aggregator', () => {
    const delivered: string[][] = []
    const data = 'x'.repeat(400)
    const aggregator = new RecordAggregator({
      maxSize: 1000,
      onReady: (_, encoded) => {
        delivered.push(keysOf(encoded!))
        if (delivered.length === 1) aggregator.addUserRecord({ partitionKey: 'from the callback', data })
      }
    })
    aggregator.aggregateRecords(
      ['a', 'b', 'c', 'd'].map(partitionKey => ({ partitionKey, data })),
      true
    )
    expect(delivered).toEqual([['a', 'b'], ['from the callback', 'c'], ['d']])
  })

  it('of forEach, into the same aggregator', () => {
    const aggregator = new RecordAggregator()
    aggregator.aggregateRecords({
      forEach(each) {
        each(record('a'))
        aggregator.addUserRecord(record('b'))
        expect(aggregate([record('inner')])).toHaveLength(1)
        each(record('c'))
      }
    })
    expect(deaggregateSync(aggregator.build()!).map(one => one.partitionKey)).toEqual(['a', 'b', 'c'])
  })

  it('of aggregate, into aggregate', async () => {
    const order: string[] = []
    const run = (name: string, then: () => void): void =>
      aggregate(
        [{ partitionKey: name, data: 'x' }],
        (encoded, done) => {
          order.push(encoded.partitionKey)
          if (name === 'outer') run('inner', done)
          else done()
        },
        () => {
          order.push(`${name} after`)
          then()
        },
        error => expect.unreachable(error.message)
      )
    await new Promise<void>(resolve => run('outer', resolve))
    expect(order).toEqual(['outer', 'inner', 'inner after', 'outer after'])
  })
})

describe('callbacks that throw', () => {
  const mine = new Error('mine')
  const throws = (): never => {
    throw mine
  }

  it('of deaggregate at the end', () => {
    const { record } = vector('two keys')
    expect(thrownBy(() => deaggregate(lambda(record), true, () => {}, throws))).toBe(mine)
    expect(deaggregateSync(lambda(record))).toHaveLength(2)
  })

  it('of an aggregator: what it was to take stays, the record that came next is not taken', () => {
    const data = 'x'.repeat(700)
    const aggregator = new RecordAggregator({ maxSize: 1000, onReady: throws })
    const records = ['a', 'b'].map(partitionKey => ({ partitionKey, data }))
    expect(thrownBy(() => aggregator.aggregateRecords(records))).toBe(mine)
    expect(aggregator.length()).toBe(1)
    expect(aggregator.build()!.partitionKey).toBe('a')
    expect(aggregator.build()).toBeUndefined()
  })

  it('of an aggregator, after they added a record: both stay, in order', () => {
    const data = 'x'.repeat(700)
    const aggregator = new RecordAggregator({ maxSize: 1000 })
    aggregator.addUserRecord({ partitionKey: 'a', data })
    expect(
      thrownBy(() =>
        aggregator.flushBufferedRecords(() => {
          aggregator.addUserRecord({ partitionKey: 'b', data })
          throws()
        })
      )
    ).toBe(mine)
    expect(aggregator.length()).toBe(2)
    const delivered: (string | undefined)[] = []
    aggregator.flushBufferedRecords((_, encoded) => delivered.push(encoded?.partitionKey))
    expect(delivered).toEqual(['a', 'b'])
    expect(aggregator.length()).toBe(0)
    expect(aggregator.totalBytes).toBe(0)
  })

  it('of an aggregator that has none: the call has taken nothing', () => {
    const aggregator = new RecordAggregator({ maxSize: 1000 })
    aggregator.addUserRecord({ partitionKey: 'a', data: 'before', explicitHashKey: '1' })
    const bytes = aggregator.totalBytes
    const small = ['a', 'b'].map(partitionKey => ({ partitionKey, data: 'x', explicitHashKey: '2' }))
    const refused: [unknown[], boolean][] = [
      [small, true],
      [[...small, { partitionKey: 'c', data: 'x'.repeat(960) }], false],
      [[...small, { partitionKey: 'c', data: 'x'.repeat(9000) }], false],
      [[...small, { partitionKey: '', data: '' }], false]
    ]
    for (const [records, flush] of refused) {
      const error = thrownBy(() => aggregator.aggregateRecords(records as typeof small, flush))
      expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', message: /onReadyCallback/ })
      expect([aggregator.length(), aggregator.totalBytes]).toEqual([1, bytes])
    }
    const encoded: EncodedRecord[] = []
    aggregator.aggregateRecords(small, true, (_, one) => encoded.push(one!))
    expect(encoded.flatMap(one => deaggregateSync(one))).toMatchObject([
      { partitionKey: 'a', explicitHashKey: '1', data: Buffer.from('before') },
      { partitionKey: 'a', explicitHashKey: '2' },
      { partitionKey: 'b', explicitHashKey: '2' }
    ])
  })

  it('of records that throw when they are read: nothing is added, and what was there stays', () => {
    const aggregator = new RecordAggregator()
    aggregator.addUserRecord({ partitionKey: 'k', data: 'kept' })
    for (const name of ['partitionKey', 'data', 'explicitHashKey']) {
      const record = { partitionKey: 'l', data: 'x', explicitHashKey: '1' }
      Object.defineProperty(record, name, { get: throws })
      expect(thrownBy(() => aggregator.addUserRecord(record))).toBe(mine)
      expect(thrownBy(() => aggregate([record]))).toBe(mine)
      expect(aggregator.length()).toBe(1)
    }
    expect(deaggregateSync(aggregator.build()!)).toMatchObject([{ data: Buffer.from('kept') }])
    const kinesis = Object.defineProperty({}, 'data', { get: throws })
    expect(thrownBy(() => deaggregateSync([lambda(outer.record), { kinesis } as never]))).toBe(mine)
    expect(deaggregateSync(lambda(outer.record))).toHaveLength(outer.records.length)
  })

  it('of a handler of aggregate: its error is reported and the rest goes on', async () => {
    const big = ['a', 'b'].map(partitionKey => ({ partitionKey, data: Buffer.alloc(600_000) }))
    const calls: unknown[] = []
    await new Promise<void>(resolve =>
      aggregate(
        big,
        ({ partitionKey }, done) => {
          calls.push(partitionKey)
          if (partitionKey === 'a') throw mine
          done()
        },
        resolve,
        error => calls.push(error)
      )
    )
    expect(calls).toEqual(['a', mine, 'b'])
  })
})

describe('getters and proxies that run code', () => {
  it('of Kinesis records: calls back in change nothing, and each property is read once', () => {
    const [first, reads] = watched(lambda(outer.record), callBackIn)
    const [second] = watched(lambda(outer.bytes), callBackIn)
    const records = deaggregateSync([first, second])
    expect(seen(records)).toEqual([...outer.records, ...outer.records])
    expect(reads.get('data')).toBe(1)
    expect(reads.get('sequenceNumber')).toBe(1)
    expect(isAggregated(first)).toBe(true)
    deaggregateSync(second, true, (_, list) =>
      expect(list.map(({ partitionKey, data }) => [partitionKey, data])).toEqual(expectedLegacy)
    )
  })

  it('of user records: also of one that adds to the same aggregator', () => {
    const aggregator = new RecordAggregator()
    let adds = 0
    const [record, reads] = watched({ partitionKey: 'outer', data: 'x' }, () => {
      if (adds++ === 0) aggregator.addUserRecord({ partitionKey: 'inner', data: 'y' })
      callBackIn()
    })
    aggregator.addUserRecord(record)
    expect(deaggregateSync(aggregator.build()!).map(one => [one.partitionKey, `${one.data}`])).toEqual([
      ['inner', 'y'],
      ['outer', 'x']
    ])
    expect(reads.get('data')).toBe(1)
  })

  it('that take the memory away from under a record that was read before', () => {
    const memory = new ArrayBuffer(200)
    const data = aggregated({ keys: ['k'], records: [{ key: 0, data: 'x' }] })
    new Uint8Array(memory).set(data)
    const taken = { data: new Uint8Array(memory, 0, data.length) }
    const [taker] = watched(lambda('plain'), () => {
      if (memory.byteLength > 0) structuredClone(memory, { transfer: [memory] })
    })
    // Nothing of it is left, so that it cannot be handed out; and no memory is read that is no longer there.
    expect(() => deaggregateSync([taken, taker])).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' })
    )
  })

  it('of an array of records', () => {
    const [records] = watched([lambda(outer.record), lambda('cGxhaW4=')], callBackIn)
    expect(deaggregateSync(records)).toHaveLength(outer.records.length + 1)
    const [inputs] = watched([{ partitionKey: 'k', data: 'x' }], callBackIn)
    expect(aggregate(inputs)).toHaveLength(1)
  })
})
