import { Buffer } from 'node:buffer'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import {
  type AggregateInput,
  type EncodedRecord,
  RecordAggregator,
  ShardMap,
  ShardedAggregator,
  aggregate,
  aggregateStream,
  putRecordsBatches
} from 'kinesis-agg'
import { thrownBy } from '../support/seen'

const all = new ShardMap([
  { ShardId: 's', HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(2n ** 128n - 1n) } }
])

/** Each way in: gives the hash key that came out, or throws. */
const ways: Record<string, (record: AggregateInput) => string | undefined> = {
  aggregate: record => aggregate([record])[0]!.explicitHashKey,
  'aggregate, not strict': record => aggregate([record], { strict: false })[0]!.explicitHashKey,
  push: record => {
    const aggregator = new RecordAggregator()
    aggregator.push(record)
    return aggregator.flush()!.explicitHashKey
  },
  addUserRecord: record => {
    const aggregator = new RecordAggregator()
    aggregator.addUserRecord(record)
    return aggregator.build()!.explicitHashKey
  },
  aggregateRecords: record => {
    const delivered: (Error | EncodedRecord)[] = []
    new RecordAggregator().aggregateRecords([record], true, (error, encoded) =>
      delivered.push(error ?? encoded!)
    )
    if (delivered[0] instanceof Error) throw delivered[0]
    return delivered[0]!.explicitHashKey
  },
  ShardedAggregator: record => {
    const aggregator = new ShardedAggregator(all)
    aggregator.push(record)
    return aggregator.flush()[0]!.explicitHashKey
  },
  putRecordsBatches: record => {
    const {
      partitionKey,
      PartitionKey = partitionKey,
      Data,
      data = Data,
      ...rest
    } = record as never as {
      [name: string]: unknown
    }
    const entries = [{ ...rest, partitionKey: PartitionKey, data: Buffer.from(data as string) }]
    return putRecordsBatches(entries as never)[0]![0]!.ExplicitHashKey
  }
}

describe.each(Object.entries(ways))('%s', (_, way) => {
  it.each(['explicitHashKey', 'ExplicitHashKey', 'explicitPartitionKey', 'ExplicitPartitionKey'])(
    'honours %s',
    name => {
      expect(way({ partitionKey: 'a', data: 'x', [name]: '7' })).toBe('7')
      expect(way({ PartitionKey: 'a', Data: 'x', [name]: 7 } as never)).toBe('7')
    }
  )

  it.each([2 ** 53, Number('123456789012345678901234567890'), -(2 ** 53), Number.MAX_VALUE])(
    'refuses the integer %d, which a number does not hold exactly',
    explicitHashKey => {
      const record = { partitionKey: 'a', data: 'b', explicitHashKey }
      const error = thrownBy(() => way(record))
      expect(error).toMatchObject({ name: 'KinesisAggError', code: 'ERR_INVALID_HASH_KEY' })
      expect(error.message).toContain('2^53 - 1')
    }
  )

  it.each([1.5, Number.NaN, Infinity, -Infinity])('refuses %d as of the wrong kind', explicitHashKey => {
    expect(thrownBy(() => way({ partitionKey: 'a', data: 'b', explicitHashKey }))).toMatchObject({
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_TYPE'
    })
  })

  it('takes integers up to 2^53 - 1', () => {
    expect(way({ partitionKey: 'a', data: 'b', explicitHashKey: 2 ** 53 - 1 })).toBe('9007199254740991')
  })
})

describe('strict', () => {
  const bad = [
    [{ partitionKey: 'a', data: 'b', explicitHashKey: 'undefined' }, 'ERR_INVALID_HASH_KEY'],
    [{ partitionKey: 'a', data: 'b', explicitHashKey: -1 }, 'ERR_INVALID_HASH_KEY'],
    [{ partitionKey: 'k'.repeat(257), data: 'b' }, 'ERR_INVALID_PARTITION_KEY']
  ] as const

  it.each(bad)('is the default of our own forms: %j', async (record, code) => {
    for (const way of [ways['aggregate']!, ways['push']!, ways['ShardedAggregator']!]) {
      expect(thrownBy(() => way(record)).code).toBe(code)
    }
    await expect(pipeline([record], aggregateStream(), async function* () {})).rejects.toMatchObject({ code })
  })

  it.each(bad)('is not the default of the forms of aws-kinesis-agg: %j', async record => {
    const key = 'explicitHashKey' in record ? String(record.explicitHashKey) : undefined
    expect(ways['addUserRecord']!(record)).toBe(key)
    expect(ways['aggregateRecords']!(record)).toBe(key)
    expect(new RecordAggregator().checkIfUserRecordFits(record)).toBe(true)
    expect(new RecordAggregator().calculateUserRecordSize(record)).toBeGreaterThan(0)
    const handled = await new Promise<EncodedRecord[]>((resolve, reject) => {
      const encoded: EncodedRecord[] = []
      aggregate(
        [record],
        (one, done) => {
          encoded.push(one)
          done()
        },
        () => resolve(encoded),
        reject
      )
    })
    expect(handled[0]!.explicitHashKey).toBe(key)
  })

  it.each(bad)('where it is said, it holds for both: %j', (record, code) => {
    const loose = new RecordAggregator({ strict: false })
    expect(loose.push(record)).toBeUndefined()
    loose.addUserRecord(record)
    expect(loose.length()).toBe(2)
    const strict = new RecordAggregator({ strict: true })
    expect(thrownBy(() => strict.push(record)).code).toBe(code)
    expect(thrownBy(() => strict.addUserRecord(record)).code).toBe(code)
  })
})

it('the form of aggregate with callbacks reports an unsafe integer and goes on', async () => {
  const errors: Error[] = []
  await new Promise<void>(resolve => {
    aggregate(
      [
        { partitionKey: 'a', data: 'x', explicitHashKey: 1e30 },
        { partitionKey: 'b', data: 'y' }
      ],
      ({ partitionKey }, done) => {
        expect(partitionKey).toBe('b')
        done()
      },
      resolve,
      error => errors.push(error)
    )
  })
  expect(errors).toEqual([expect.objectContaining({ code: 'ERR_INVALID_HASH_KEY' })])
})
