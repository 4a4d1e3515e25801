import { describe, expect, it } from 'vitest'
import { KinesisAggError, RecordAggregator, aggregate, deaggregateSync } from 'kinesis-agg'
import { type Thrown, expectAll, thrownBy } from '../support/seen'
import { message } from '../support/wire'

/** What every way into an aggregator says of a user record; nothing that was in it may be lost. */
function refusals(record: unknown, options: { maxSize?: number; strict?: boolean } = {}): Thrown[] {
  const input = record as { partitionKey: string; data: string }
  const aggregator = new RecordAggregator(options)
  const buffered = { partitionKey: 'buffered', data: 'kept' }
  aggregator.addUserRecord(buffered)
  const { totalBytes } = aggregator
  const delivered: unknown[] = []
  const errors = [
    thrownBy(() => aggregate([buffered, input], options)),
    thrownBy(() => aggregator.push(input)),
    thrownBy(() => aggregator.addUserRecord(input))
  ]
  aggregator.aggregateRecords([input], false, (error, encoded) => delivered.push(error ?? encoded))
  expect(delivered).toHaveLength(1)
  expect([aggregator.length(), aggregator.totalBytes]).toEqual([1, totalBytes])
  expect(aggregator.build()!.data).toEqual(aggregate([buffered])[0]!.data)
  return [...errors, ...(delivered as Thrown[])]
}

const keyed = (partitionKey: string) => ({ partitionKey, data: 'x' })

const hashed = (explicitHashKey: string | number | bigint) => ({
  partitionKey: 'k',
  data: 'x',
  explicitHashKey
})

describe('ERR_RECORD_TOO_LARGE', () => {
  it.each([
    [{ partitionKey: 'éé', data: 'x'.repeat(1000) }, 'PK=éé, EHK=undefined', [{ key: 0 }], []],
    [
      { partitionKey: 'k', data: 'x'.repeat(1000), explicitHashKey: '12' },
      'PK=k, EHK=12',
      [{ key: 0, hashKey: 0 }],
      ['12']
    ]
  ])('names keys and bytes: %#', (record, keys, [wire], hashKeys) => {
    const bytes = message({
      keys: [record.partitionKey],
      hashKeys,
      records: [{ ...wire!, data: record.data }]
    }).length
    const errors = refusals(record, { maxSize: 1000 })
    expectAll(errors, { code: 'ERR_RECORD_TOO_LARGE', message: 'Input record (', record })
    for (const error of errors)
      expect(error.message).toBe(
        `Input record (${keys}, SizeBytes=${bytes}) is too large to fit inside a single Kinesis record.`
      )
  })

  it('is at the byte', () => {
    const record = { partitionKey: 'k', data: 'x'.repeat(100) }
    const size = message({ keys: ['k'], records: [{ key: 0, data: record.data }] }).length + 20 + 1
    expect(aggregate([record], { maxSize: size })).toHaveLength(1)
    expect(thrownBy(() => aggregate([record], { maxSize: size - 1 })).code).toBe('ERR_RECORD_TOO_LARGE')
  })
})

describe('ERR_RECORD_DOES_NOT_FIT', () => {
  it("record won't fit", () => {
    const record = { partitionKey: 'k', data: 'x'.repeat(700) }
    const aggregator = new RecordAggregator({ maxSize: 1000 })
    aggregator.addUserRecord(record)
    expect(aggregator.checkIfUserRecordFits(record)).toBe(false)
    const errors = [thrownBy(() => aggregator.addUserRecord(record))]
    expectAll(errors, { code: 'ERR_RECORD_DOES_NOT_FIT', message: /^record won't fit$/, record })
    expect(deaggregateSync(aggregator.build()!)).toMatchObject([{ data: Buffer.from(record.data) }])
  })
})

describe('ERR_MISSING_DATA', () => {
  it.each([
    [{ partitionKey: 'k' }],
    [{ partitionKey: 'k', data: undefined }],
    [{ partitionKey: 'k', data: null }],
    [{ PartitionKey: 'k', Data: undefined }],
    [{}]
  ])('Record.Data field is mandatory: %j', record => {
    const errors = refusals(record)
    expectAll(errors, { code: 'ERR_MISSING_DATA', message: /^Record\.Data field is mandatory$/, record })
  })
})

describe('ERR_MISSING_PARTITION_KEY', () => {
  it.each([
    [{ data: '' }],
    [{ data: 'x', partitionKey: '' }],
    [{ data: 'x', partitionKey: null }],
    [{ Data: 'x' }]
  ])('record.partitionKey field is mandatory: %j', record => {
    const errors = refusals(record)
    const text = /^record\.partitionKey field is mandatory$/
    expectAll(errors, { code: 'ERR_MISSING_PARTITION_KEY', message: text, record })
  })
})

describe('ERR_INVALID_PARTITION_KEY', () => {
  it('names the value and the rule; characters are code points', () => {
    const record = keyed(`start${'🔑'.repeat(252)}`)
    const errors = refusals(record, { strict: true })
    expectAll(errors, { code: 'ERR_INVALID_PARTITION_KEY', message: /start.*over 256 characters/, record })
  })

  it('is for strict aggregators, and for over 256 characters', () => {
    for (const length of [1, 256])
      expect(aggregate([keyed('🔑'.repeat(length))], { strict: true })).toHaveLength(1)
    expect(aggregate([keyed('k'.repeat(5000))], { strict: false })).toHaveLength(1)
  })
})

describe('ERR_INVALID_HASH_KEY', () => {
  it.each([
    '-1',
    '01',
    '1.5',
    '0x10',
    ' 1',
    '1e3',
    'key',
    '٣',
    -1,
    String(2n ** 128n),
    2n ** 128n,
    '9'.repeat(400)
  ])('names the value and the rule: %s', key => {
    const record = hashed(key)
    const errors = refusals(record, { strict: true })
    expectAll(errors, { code: 'ERR_INVALID_HASH_KEY', message: /decimal number in \[0, 2\^128\)$/, record })
    for (const error of errors) expect(error.message).toContain(`'${String(key).slice(0, 60)}`)
    // Without strict any of them passes.
    expect(deaggregateSync(aggregate([record], { strict: false }))[0]!.explicitHashKey).toBe(String(key))
  })

  it.each(['0', '10', String(2n ** 128n - 1n), 2n ** 128n - 1n, 0])('not for %s', key => {
    expect(aggregate([hashed(key)], { strict: true })[0]!.explicitHashKey).toBe(String(key))
  })
})

describe('the form of aggregate with callbacks', () => {
  it('reports each bad record and goes on', async () => {
    const bad = [{ data: 'x' }, { partitionKey: 'k' }, { partitionKey: 'k', data: 5 }, 7]
    const calls: unknown[] = []
    await new Promise<void>(resolve => {
      aggregate(
        [{ partitionKey: 'a', data: '1' }, ...bad, { partitionKey: 'b', data: '2' }] as never[],
        (encoded, done) => {
          calls.push(deaggregateSync(encoded).length)
          done()
        },
        resolve,
        error => calls.push((error as Thrown).code)
      )
    })
    const codes = [
      'ERR_MISSING_PARTITION_KEY',
      'ERR_MISSING_DATA',
      'ERR_INVALID_ARG_TYPE',
      'ERR_INVALID_ARG_TYPE'
    ]
    expect(calls).toEqual([...codes, 2])
  })

  it('No records is a KinesisAggError too', () => {
    const errors: unknown[] = []
    aggregate(
      [],
      () => {},
      () => {},
      error => errors.push(error)
    )
    expect(errors[0]).toBeInstanceOf(KinesisAggError)
    expect(errors).toMatchObject([{ code: 'ERR_NO_RECORDS', message: 'No records' }])
  })
})
