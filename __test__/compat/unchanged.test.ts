/** What the design keeps of `aws-kinesis-agg`, in the order of its list. */
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import * as kinesisAgg from 'kinesis-agg'
import { deaggregate, deaggregateSync, type EncodedRecord } from 'kinesis-agg'
import { lambda, sdk } from '../support/inputs'
import { vector } from '../support/vectors'
import { aggregated } from '../support/wire'

const bytes = aggregated({
  keys: ['k1', 'k2'],
  hashKeys: ['99'],
  records: [
    { key: 0, data: 'one' },
    { key: 1, hashKey: 0, data: 'two' }
  ]
})
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const tick = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 5))

function recordsOf(record: kinesisAgg.KinesisRecordInput): object[] {
  let found: object[] = []
  deaggregateSync(record, true, (_, list) => (found = list))
  return found
}

describe('results', () => {
  it('have their own enumerable properties in order, and the same after JSON', () => {
    const records = recordsOf(lambda(bytes.toString('base64')))
    expect(records.map(Object.entries)).toEqual([
      [
        ['partitionKey', 'k1'],
        ['explicitPartitionKey', undefined],
        ['sequenceNumber', '495454'],
        ['subSequenceNumber', 0],
        ['data', base64('one')]
      ],
      [
        ['partitionKey', 'k2'],
        ['explicitPartitionKey', '99'],
        ['sequenceNumber', '495454'],
        ['subSequenceNumber', 1],
        ['data', base64('two')]
      ]
    ])
    expect(JSON.stringify(records[1])).toBe(
      '{"partitionKey":"k2","explicitPartitionKey":"99","sequenceNumber":"495454","subSequenceNumber":1,"data":"dHdv"}'
    )
    expect(Object.getPrototypeOf(records[0])).toBe(Object.prototype)
  })

  it('of a plain record have no subSequenceNumber, and the data as it came', () => {
    const data = 'not quite base64!'
    expect(recordsOf({ ...lambda(data), explicitPartitionKey: '5' } as never).map(Object.entries)).toEqual([
      [
        ['partitionKey', 'outer key'],
        ['explicitPartitionKey', '5'],
        ['sequenceNumber', '495454'],
        ['data', data]
      ]
    ])
  })

  it('are in PascalCase for records of the SDK', () => {
    expect(recordsOf(sdk(bytes)).map(Object.entries)[1]).toEqual([
      ['PartitionKey', 'k2'],
      ['ExplicitPartitionKey', '99'],
      ['SequenceNumber', '495454'],
      ['SubSequenceNumber', 1],
      ['Data', base64('two')]
    ])
  })

  it('of a plain record of the SDK keep its Uint8Array', () => {
    const data = new Uint8Array([1, 2, 3])
    const [record] = recordsOf(sdk(data)) as [{ Data: unknown }]
    expect(Object.keys(record)).toEqual(['PartitionKey', 'ExplicitPartitionKey', 'SequenceNumber', 'Data'])
    expect(record.Data).toBe(data)
  })
})

describe('everything runs synchronously', () => {
  it('callbacks per record in order, then the last one, before the call returns', () => {
    const calls: unknown[] = []
    deaggregate(
      lambda(bytes),
      true,
      (error, record) => calls.push([error, record.partitionKey]),
      (...args) => calls.push(args)
    )
    calls.push('returned')
    expect(calls).toEqual([[null, 'k1'], [null, 'k2'], [], 'returned'])
  })

  it('deaggregateSync calls back once, before it returns', () => {
    const calls: unknown[] = []
    deaggregateSync(lambda(bytes), true, (error, records) => calls.push([error, records.length]))
    calls.push('returned')
    expect(calls).toEqual([[undefined, 2], 'returned'])
  })
})

describe('aggregate alone is asynchronous', () => {
  // Three aggregated records of one user record each.
  const big = ['a', 'b', 'c'].map(partitionKey => ({ partitionKey, data: Buffer.alloc(600_000) }))

  interface Log {
    calls: string[]
    running: number
    most: number
  }

  function start(
    queueSize: number | undefined,
    handle: (encoded: EncodedRecord, done: (err?: Error | null, data?: unknown) => void) => unknown
  ): Promise<Log> {
    const log: Log = { calls: [], running: 0, most: 0 }
    return new Promise(resolve => {
      kinesisAgg.aggregate(
        big,
        (encoded, done) => {
          log.calls.push(`start ${encoded.partitionKey}`)
          log.most = Math.max(log.most, ++log.running)
          return handle(encoded, (error?: Error | null, data?: unknown) => {
            log.running--
            done(error, data)
          })
        },
        () => {
          log.calls.push('after')
          setTimeout(resolve, 20, log)
        },
        (error, data) => log.calls.push(`error ${error.message} ${String(data)}`),
        queueSize
      )
      log.calls.push('returned')
    })
  }

  it.each([
    { queueSize: undefined, most: 1 },
    { queueSize: 2, most: 2 },
    { queueSize: 9, most: 3 }
  ])('handlers start on a later tick, in order; of a queue of $queueSize, $most run at a time', async one => {
    const { calls, most } = await start(one.queueSize, async (_, done) => {
      await tick()
      done()
    })
    expect(calls).toEqual(['returned', 'start a', 'start b', 'start c', 'after'])
    expect(most).toBe(one.most)
  })

  it("a handler's error goes to the error callback, with its data, and the rest goes on", async () => {
    const { calls } = await start(1, ({ partitionKey }, done) => {
      if (partitionKey === 'b') done(new Error('put failed'), 'its data')
      else done()
    })
    expect(calls).toEqual(['returned', 'start a', 'start b', 'error put failed its data', 'start c', 'after'])
  })

  it("aggregate([]) gives Error('No records'), then the after-callback, at once", () => {
    const calls: string[] = []
    kinesisAgg.aggregate(
      [],
      () => calls.push('handler'),
      () => calls.push('after'),
      error => calls.push(`${error instanceof Error}: ${error.message}`)
    )
    expect(calls).toEqual(['true: No records', 'after'])
  })
})

describe('computeChecksums', () => {
  const damaged = lambda(vector('a data byte flipped').record)
  const errorWith = (flag: unknown): unknown => {
    let found: unknown = 'no call'
    deaggregateSync(damaged, flag as boolean, error => (found = error?.message))
    return found
  }

  it('verifies for true only', () => {
    expect(errorWith(true)).toBe('Invalid record checksum')
    for (const flag of [false, undefined, null, 1, 'true', {}]) expect(errorWith(flag)).toBeUndefined()
  })

  it('may be left out', () => {
    const calls: unknown[] = []
    const old = deaggregateSync as unknown as (record: unknown, after: (...args: unknown[]) => void) => void
    old(damaged, (error, list) => calls.push(error, (list as []).length))
    const older = deaggregate as unknown as (
      record: unknown,
      each: (...args: unknown[]) => void,
      after: (...args: unknown[]) => void
    ) => void
    older(
      damaged,
      (error, record) => calls.push(error, (record as { subSequenceNumber: number }).subSequenceNumber),
      (...args) => calls.push(args)
    )
    expect(calls).toEqual([undefined, 1, null, 0, []])
  })
})

it('deaggregateSync reports (err, [])', () => {
  const calls: unknown[][] = []
  deaggregateSync(lambda(vector('last digest byte flipped').record), true, (...args) => calls.push(args))
  expect(calls).toHaveLength(1)
  expect(calls[0]![0]).toBeInstanceOf(Error)
  expect(calls[0]).toMatchObject([{ message: 'Invalid record checksum' }, []])
})

describe('calling conventions', () => {
  it('util.promisify works on both', async () => {
    const records = await promisify(deaggregateSync)(lambda(bytes) as kinesisAgg.LambdaKinesisPayload, true)
    expect(records).toMatchObject([{ partitionKey: 'k1' }, { partitionKey: 'k2' }])
    const seen: unknown[] = []
    const each = (_: unknown, record: { partitionKey: string }): unknown => seen.push(record.partitionKey)
    await promisify(deaggregate as (...args: [object, boolean, typeof each, () => void]) => void)(
      lambda(bytes),
      true,
      each
    )
    expect(seen).toEqual(['k1', 'k2'])
    const damaged = lambda(vector('a data byte flipped').record)
    await expect(
      promisify(deaggregateSync)(damaged as kinesisAgg.LambdaKinesisPayload, true)
    ).rejects.toThrow('Invalid record checksum')
  })

  it('functions work detached', () => {
    const { aggregate, deaggregateSync: detached } = kinesisAgg
    const [encoded] = Reflect.apply(aggregate, undefined, [
      [{ partitionKey: 'k', data: 'x' }]
    ]) as EncodedRecord[]
    expect(detached(encoded!)).toHaveLength(1)
  })
})
