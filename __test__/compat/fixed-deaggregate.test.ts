/** The same as compat-mended-aggregate.test.ts for the way out. */
import { describe, expect, it } from 'vitest'
import { deaggregate, deaggregateSync, isAggregated } from 'kinesis-agg'
import { lambda } from '../support/inputs'
import { Random } from '../support/random'
import { thrownBy } from '../support/seen'
import { vector } from '../support/vectors'
import { MAGIC, aggregated } from '../support/wire'

describe('magic alone, or up to 16 bytes after it: error, or zero records', () => {
  const random = new Random(16)

  it.each(Array.from({ length: 17 }, (_, i) => i))('%i bytes: a plain record, as in KCL', count => {
    const bytes = Buffer.concat([MAGIC, random.bytes(count)])
    for (const record of [lambda(bytes), lambda(bytes.toString('base64'))]) {
      expect(isAggregated(record)).toBe(false)
      expect(deaggregateSync(record)).toMatchObject([
        { aggregated: false, partitionKey: 'outer key', data: bytes }
      ])
      const calls: unknown[] = []
      deaggregateSync(record, true, (error, records) => calls.push(error, records))
      expect(calls).toMatchObject([undefined, [{ data: record.data }]])
    }
  })

  it('17 bytes are enough to be read', () => {
    expect(isAggregated(lambda(Buffer.concat([MAGIC, random.bytes(17)])))).toBe(true)
  })
})

describe("decodes before it verifies: 'index out of range' for a damaged record", () => {
  it.each(['truncated by one byte', 'one byte too many', 'the magic and 17 bytes'])(
    'checksum first: %s',
    name => {
      const record = lambda(vector(name).record)
      expect(thrownBy(() => deaggregateSync(record)).message).toBe('Invalid record checksum')
      deaggregateSync(record, true, error => expect(error!.message).toBe('Invalid record checksum'))
      expect.assertions(2)
    }
  )
})

describe('an index outside its table gives undefined', () => {
  it.each([
    ['partition key', { keys: ['k'], records: [{ key: 1, data: 'x' }] }],
    ['hash key', { keys: ['k'], records: [{ key: 0, hashKey: 0, data: 'x' }] }]
  ])('ERR_MALFORMED_RECORD: %s', (_, content) => {
    const record = lambda(aggregated(content))
    expect(thrownBy(() => deaggregateSync(record)).code).toBe('ERR_MALFORMED_RECORD')
    deaggregateSync(record, true, error => expect(error).toMatchObject({ code: 'ERR_MALFORMED_RECORD' }))
    expect.assertions(2)
  })
})

describe("a throw in deaggregateSync's callback calls it again and swallows the error", () => {
  it.each([
    ['good', 'two keys'],
    ['plain', 'plain text'],
    ['damaged', 'a data byte flipped']
  ])('called once; the exception gets out: a %s record', (_, name) => {
    const mine = new Error('mine')
    let calls = 0
    const thrown = thrownBy(() =>
      deaggregateSync(lambda(vector(name).record), true, () => {
        calls++
        throw mine
      })
    )
    expect(thrown).toBe(mine)
    expect(calls).toBe(1)
  })
})

describe('a throw in perRecordCallback: the after-callback gets the error, and later success too', () => {
  it('the others are still delivered, then the after-callback once, with the first error and its record', () => {
    const { record, records } = vector('shared key')
    const delivered: unknown[] = []
    const after: unknown[][] = []
    deaggregate(
      lambda(record),
      true,
      (_, { subSequenceNumber }) => {
        delivered.push(subSequenceNumber)
        if (subSequenceNumber === 2 || subSequenceNumber === 4) throw new Error(`no ${subSequenceNumber}`)
      },
      (...args) => after.push(args)
    )
    expect(delivered).toEqual(records.map((_, i) => i))
    // As there, that record is told by the enclosing one and its number.
    const told = {
      partitionKey: 'outer key',
      explicitPartitionKey: undefined,
      sequenceNumber: '495454',
      subSequenceNumber: 2,
      data: record
    }
    expect(after).toEqual([[new Error('no 2'), told]])
  })
})

describe("passing Lambda's whole record throws", () => {
  it('accepted', () => {
    const { record, records } = vector('two keys')
    const whole = { eventID: 'shardId-0:1', kinesis: lambda(record) }
    const found: unknown[] = []
    deaggregateSync(whole, true, (error, list) => found.push(error, ...list.map(one => one.partitionKey)))
    expect(found).toEqual([undefined, ...records.map(one => one.partitionKey)])
  })
})
