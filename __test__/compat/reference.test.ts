/** The scenarios of the reference's own test suite. */
import { createHash, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type EncodedRecord, aggregate, deaggregate, deaggregateSync } from 'kinesis-agg'
import * as common from 'kinesis-agg/lib/common'
import { Random } from '../support/random'

const MIB = 1024 * 1024

interface Run {
  handled: EncodedRecord[]
  errors: Error[]
  afters: number
}

/** Runs the form with callbacks to its end. */
function run(
  records: Parameters<typeof aggregate>[0],
  handle: (encoded: EncodedRecord, done: () => void) => unknown = (_, done) => done(),
  queueSize?: number
): Promise<Run> {
  const found: Run = { handled: [], errors: [], afters: 0 }
  return new Promise(resolve => {
    aggregate(
      records,
      (encoded, done) => {
        found.handled.push(encoded)
        return handle(encoded, done)
      },
      () => {
        found.afters++
        // A second call would come within this time.
        setTimeout(resolve, 20, found)
      },
      error => found.errors.push(error),
      queueSize
    )
  })
}

describe('aggregate', () => {
  it('is a function', () => {
    expect(aggregate).toBeTypeOf('function')
    expect(deaggregate).toBeTypeOf('function')
    expect(deaggregateSync).toBeTypeOf('function')
  })

  it('two records that share a hash key, text and bytes, come back', async () => {
    const texts = ['some text 我愛你', 'bytes 我愛你']
    const { handled, errors, afters } = await run([
      { partitionKey: 'first', data: texts[0]!, explicitHashKey: '7' },
      { partitionKey: 'second', data: Buffer.from(texts[1]!), explicitHashKey: '7' }
    ])
    expect({ handled: handled.length, errors, afters }).toEqual({ handled: 1, errors: [], afters: 1 })
    const [encoded] = handled as [EncodedRecord]
    expect(encoded).toMatchObject({ partitionKey: 'first', ExplicitHashKey: '7' })
    const record = { ...encoded, data: encoded.data.toString('base64'), sequenceNumber: '42' }
    deaggregateSync(record, true, (error, userRecords) => {
      expect(error).toBeUndefined()
      expect(userRecords.map(one => Buffer.from(one.data, 'base64').toString())).toEqual(texts)
      expect(userRecords.map(one => one.partitionKey)).toEqual(['first', 'second'])
      expect(userRecords.map(one => one.explicitPartitionKey)).toEqual(['7', '7'])
    })
    expect.assertions(6)
  })

  it('no records: no handler call, one error, the after-callback', async () => {
    const { handled, errors, afters } = await run([])
    expect(handled).toEqual([])
    expect(errors.map(({ message }) => message)).toEqual(['No records'])
    expect(afters).toBe(1)
  })

  it('one record of 1 MiB and 42 bytes and a good one: one error, one handler call', async () => {
    const { handled, errors, afters } = await run([
      { partitionKey: 'big', data: Buffer.alloc(MIB + 42) },
      { partitionKey: 'good', data: 'small' }
    ])
    expect(errors).toHaveLength(1)
    expect(errors[0]!.message).toMatch(
      /^Input record \(PK=big, EHK=undefined, SizeBytes=\d+\) is too large to fit inside a single Kinesis record\.$/
    )
    expect(handled.map(({ partitionKey }) => partitionKey)).toEqual(['good'])
    expect(afters).toBe(1)
  })

  it('1,600 records of 1,024 bytes with UUIDs and hash keys: 3 encoded records, each at most 1 MiB', async () => {
    const random = new Random(1600)
    const records = Array.from({ length: 1600 }, () => {
      const partitionKey = randomUUID()
      const explicitHashKey = BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`).toString()
      return { partitionKey, explicitHashKey, data: random.bytes(1024).toString('base64') }
    })
    const { handled, errors } = await run(records)
    expect(errors).toEqual([])
    expect(handled).toHaveLength(3)
    for (const { data, partitionKey } of handled)
      expect(data.length + Buffer.byteLength(partitionKey)).toBeLessThanOrEqual(MIB)
    const back = deaggregateSync(handled)
    expect(back.map(one => one.partitionKey)).toEqual(records.map(one => one.partitionKey))
    expect(back.map(one => one.explicitHashKey)).toEqual(records.map(one => one.explicitHashKey))
    expect(back.map(one => one.data.toString())).toEqual(records.map(one => one.data))
  })

  it('1,028 records and handlers that finish later: the after-callback comes once both have', async () => {
    const records = Array.from({ length: 1028 }, (_, i) => ({
      partitionKey: `key-${i}`,
      data: Buffer.alloc(1024)
    }))
    let finished = 0
    let finishedAtAfter = -1
    let afters = 0
    await new Promise<void>(resolve => {
      aggregate(
        records,
        (_, done) => {
          setTimeout(() => {
            finished++
            done()
          }, 300)
        },
        () => {
          finishedAtAfter = finished
          afters++
          setTimeout(resolve, 50)
        },
        error => expect.unreachable(error.message),
        4
      )
    })
    expect({ finishedAtAfter, afters }).toEqual({ finishedAtAfter: 2, afters: 1 })
  })

  it.each([
    { title: 'without hash keys: none outside', hashed: false },
    { title: 'with the numbers 0, 1, 2 … as hash keys: that of the first outside', hashed: true }
  ])('100 records $title', async ({ hashed }) => {
    const records = Array.from({ length: 100 }, (_, i) => ({
      partitionKey: `key-${i}`,
      data: `data ${i}`,
      ...(hashed ? { explicitHashKey: i } : {})
    }))
    const { handled } = await run(records)
    expect(handled).toHaveLength(1)
    expect('ExplicitHashKey' in handled[0]!).toBe(hashed)
    expect(handled[0]!.ExplicitHashKey).toBe(hashed ? '0' : undefined)
    expect(deaggregateSync(handled).map(one => one.explicitHashKey)).toEqual(
      records.map((_, i) => (hashed ? String(i) : undefined))
    )
  })
})

describe('common', () => {
  it('tells version and magic', () => {
    expect(common.KplVersion).toBe('0.9.0')
    expect(common.debug).toBe(false)
    expect(common.magicNumber).toBe('f3899ac2')
    expect(common.magic).toEqual(Buffer.from([0xf3, 0x89, 0x9a, 0xc2]))
  })

  it('loads a builder that encodes and decodes', () => {
    const builder = common.loadBuilder()
    expect(builder).toBe(common.AggregatedRecord)
    const bytes = builder
      .encode({ partition_key_table: ['k'], records: [{ partition_key_index: 0, data: Buffer.from('x') }] })
      .finish()
    // Field 1 'k'; field 3 with index 0 and data 'x'.
    expect(bytes.toString('hex')).toBe('0a016b1a0508001a0178')
    expect(builder.decode(bytes)).toMatchObject({
      partition_key_table: ['k'],
      records: [{ partition_key_index: 0, data: Buffer.from('x') }]
    })
  })

  it('random partition keys are digits and differ', () => {
    const keys = new Set(Array.from({ length: 1000 }, common.randomPartitionKey))
    expect(keys.size).toBe(1000)
    for (const key of keys) expect(key).toMatch(/^\d+$/)
  })

  it('converts the case of names both ways, in a copy', () => {
    const lower = { data: 'd', partitionKey: 'p', sequenceNumber: '1' }
    const upper = { Data: 'd', PartitionKey: 'p', SequenceNumber: '1' }
    expect(common.v2FormatToV3Format(lower)).toEqual(upper)
    expect(common.v3FormatToV2Format(upper)).toEqual(lower)
    expect(lower).toEqual({ data: 'd', partitionKey: 'p', sequenceNumber: '1' })
  })
})
