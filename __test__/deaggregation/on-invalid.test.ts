import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import {
  type DeaggregateOptions,
  type KinesisAggError,
  aggregate,
  deaggregateEvent,
  deaggregateStream,
  deaggregateSync,
  isAggregated,
  iterateUserRecords
} from 'kinesis-agg'
import { MAGIC, aggregated } from '../support/wire'

const everything = { startingHashKey: '0', endingHashKey: String(2n ** 128n - 1n) }
const texts = (records: { data: Buffer }[]): string[] => records.map(({ data }) => String(data))

/** Two user records, 'undefined' being the explicit hash key of both. */
const withoutPlace = {
  Data: '84mawgokODE2MjJiMGUtNWFlOC00YjUzLWE1ODUtYzZjYjc3ODBlNjgwCiQyNWQ0YzNjMS0zMWZlLTQyNGYtOTFmMy04MTI0MWRjYzY1OTASCXVuZGVmaW5lZBoRCAAQABoLeyJhIjoiQUJDIn0aEQgBEAAaC3siYiI6IkRFRiJ9jU+TcO1bDHHEgOGh8mJlCw==',
  SequenceNumber: '7'
}

/** Positions 1 and 3 point outside their tables. */
const outsideData = aggregated({
  keys: ['a', 'é'],
  hashKeys: ['5'],
  records: [
    { key: 0, data: 'zero' },
    { key: 7, data: 'one' },
    { key: 1, hashKey: 0, data: 'two' },
    { key: 0, hashKey: 4, data: 'three' },
    { key: 1, data: '' }
  ]
})
const outside = { Data: outsideData, SequenceNumber: '9' }
const good = { Data: aggregate([{ partitionKey: 'g', data: 'good' }])[0]!.data, SequenceNumber: '8' }
const plain = { Data: Buffer.from('plain'), SequenceNumber: '10' }
const badChecksum = {
  Data: Buffer.concat([outsideData.subarray(0, -1), Buffer.from([outsideData.at(-1)! ^ 1])])
}
const broken = (() => {
  const message = Buffer.from([0x1a, 0x40, 0x08])
  return { Data: Buffer.concat([MAGIC, message, createHash('md5').update(message).digest()]) }
})()

/** Salvages, and notes what is left out. */
function salvaging(more: DeaggregateOptions = {}): { options: DeaggregateOptions; left: unknown[] } {
  const left: unknown[] = []
  const onInvalidRecord = (
    { code, sequenceNumber, subSequenceNumber }: KinesisAggError,
    record: unknown
  ): void => void left.push([code, sequenceNumber, subSequenceNumber, record])
  return { options: { ...more, onInvalid: 'salvage', onInvalidRecord }, left }
}
const leftOfOutside = [
  ['ERR_MALFORMED_RECORD', '9', 1, outside],
  ['ERR_MALFORMED_RECORD', '9', 3, outside]
]

describe("onInvalid 'salvage'", () => {
  it('hands out the user records that can be read, at their own positions', () => {
    const { options, left } = salvaging()
    expect(deaggregateSync(outside, options)).toEqual(
      [
        ['a', undefined, 0, 'zero'],
        ['é', '5', 2, 'two'],
        ['é', undefined, 4, '']
      ].map(([partitionKey, explicitHashKey, subSequenceNumber, data]) => ({
        partitionKey,
        explicitHashKey,
        sequenceNumber: '9',
        subSequenceNumber,
        aggregated: true,
        data: Buffer.from(data as string),
        approximateArrivalTimestamp: undefined,
        source: outside
      }))
    )
    expect(left).toEqual(leftOfOutside)
  })

  it('says what is wrong with each', () => {
    const messages: string[] = []
    const onInvalidRecord = ({ message }: Error): void => void messages.push(message)
    deaggregateSync(outside, { onInvalid: 'salvage', onInvalidRecord })
    expect(messages).toEqual([
      'Malformed aggregated record: partition key index 7 is outside its table of 2 (user record 1)',
      'Malformed aggregated record: explicit hash key index 4 is outside its table of 1 (user record 3)'
    ])
  })

  it('in every function that takes it, among good records', async () => {
    const records = [good, outside, plain, outside]
    const expected = ['good', 'zero', 'two', '', 'plain', 'zero', 'two', '']
    const event = {
      Records: records.map(({ Data, SequenceNumber }) => ({
        kinesis: { data: Data.toString('base64'), sequenceNumber: SequenceNumber }
      }))
    }
    const ways: [string, (options: DeaggregateOptions) => unknown][] = [
      ['deaggregateSync', options => texts(deaggregateSync(records, options))],
      ['iterateUserRecords', options => texts([...iterateUserRecords(records, options)])],
      ['deaggregateEvent', options => texts(deaggregateEvent(event, options))],
      [
        'deaggregateStream',
        async options =>
          texts(
            (await Readable.from(records)
              .compose(deaggregateStream(options))
              .toArray()) as (typeof good)[] as never
          )
      ]
    ]
    for (const [name, way] of ways) {
      const { options, left } = salvaging()
      expect(await way(options), name).toEqual(expected)
      const numbers = left.map(one => (one as unknown[]).slice(0, 3))
      expect(numbers, name).toEqual([...leftOfOutside, ...leftOfOutside].map(one => one.slice(0, 3)))
    }
  })

  it('throws for a wrong checksum and for broken protobuf, and then tells nobody of any record', () => {
    const { options, left } = salvaging()
    for (const [record, code] of [
      [badChecksum, 'ERR_INVALID_CHECKSUM'],
      [broken, 'ERR_MALFORMED_RECORD']
    ] as const) {
      expect(() => deaggregateSync(record, options)).toThrow(expect.objectContaining({ code }))
      expect(() => deaggregateSync([outside, record], options)).toThrow(expect.objectContaining({ code }))
    }
    // Also where records are decoded in several steps.
    const data = aggregate([{ partitionKey: 'g', data: Buffer.alloc(100_000) }])[0]!.data
    const megabytes = Array.from({ length: 40 }, () => ({ Data: data, SequenceNumber: '8' }))
    expect(() => deaggregateSync([outside, ...megabytes, badChecksum], options)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_CHECKSUM' })
    )
    expect(left).toEqual([])
    expect(texts(deaggregateSync(badChecksum, { ...options, computeChecksums: false }))).toEqual([
      'zero',
      'two',
      ''
    ])
  })

  it('an exception of onInvalidRecord is the caller’s', () => {
    const onInvalidRecord = (): never => {
      throw new Error('queue is down')
    }
    expect(() => deaggregateSync(outside, { onInvalid: 'salvage', onInvalidRecord })).toThrow('queue is down')
  })

  it('needs a function to give them to', () => {
    for (const onInvalidRecord of [undefined, null, 5]) {
      const options = { onInvalid: 'salvage', onInvalidRecord } as never
      for (const call of [
        () => deaggregateSync(outside, options),
        () => iterateUserRecords([], options),
        () => deaggregateStream(options)
      ]) {
        expect(call).toThrow(expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }))
      }
    }
  })
})

describe('a user record in hashKeyRange whose hash key is no number', () => {
  it('throws', () => {
    for (const record of [withoutPlace, [plain, withoutPlace]]) {
      expect(() => deaggregateSync(record as never, { hashKeyRange: everything })).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_HASH_KEY', sequenceNumber: '7', subSequenceNumber: 0 })
      )
    }
  })

  it("is kept by 'passthrough', as a user record", () => {
    const kept = deaggregateSync(withoutPlace, { hashKeyRange: everything, onInvalid: 'passthrough' })
    expect(texts(kept)).toEqual(['{"a":"ABC"}', '{"b":"DEF"}'])
    expect(kept.every(({ aggregated: inside }) => inside)).toBe(true)
  })

  it("goes to onInvalidRecord under 'salvage', in its turn", () => {
    const { options, left } = salvaging({ hashKeyRange: everything })
    expect(texts(deaggregateSync([outside, withoutPlace, good], options))).toEqual([
      'zero',
      'two',
      '',
      'good'
    ])
    expect(left).toEqual([
      ...leftOfOutside,
      ['ERR_INVALID_HASH_KEY', '7', 0, withoutPlace],
      ['ERR_INVALID_HASH_KEY', '7', 1, withoutPlace]
    ])
  })

  it('keeps out by the range what salvage found', () => {
    const { options, left } = salvaging({ hashKeyRange: { startingHashKey: '5', endingHashKey: '5' } })
    expect(texts(deaggregateSync([outside, plain], options))).toEqual(['two', 'plain'])
    expect(left).toEqual(leftOfOutside)
  })
})

describe('options', () => {
  it.each([5, { startingHashKey: '0' }, { startingHashKey: '9', endingHashKey: '1' }])(
    'a hashKeyRange of %j throws at once, whatever the records',
    hashKeyRange => {
      const options = { hashKeyRange } as never
      for (const call of [
        () => deaggregateSync([], options),
        () => deaggregateEvent({ Records: [] }, options),
        () => iterateUserRecords([], options),
        () => deaggregateStream(options)
      ]) {
        expect(call).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^ERR_INVALID_(ARG|HASH)/) as string })
        )
      }
    }
  )

  it('that change later change nothing', async () => {
    const options: DeaggregateOptions = { onInvalid: 'passthrough', hashKeyRange: { ...everything } }
    const iterator = iterateUserRecords([badChecksum, good], options)
    const stream = Readable.from([badChecksum, good]).compose(deaggregateStream(options))
    options.onInvalid = 'throw'
    options.computeChecksums = true
    options.hashKeyRange!.startingHashKey = 'none'
    expect([...iterator].map(({ aggregated: inside }) => inside)).toEqual([false, true])
    expect(await stream.toArray()).toHaveLength(2)
  })
})

describe('kept', () => {
  it('magic and the MD5 of nothing is a plain record', () => {
    const data = Buffer.concat([MAGIC, createHash('md5').digest()])
    expect(isAggregated({ Data: data })).toBe(false)
    expect(deaggregateSync({ Data: data })).toMatchObject([{ aggregated: false, data }])
  })

  it('an aggregate without user records gives none', () => {
    const data = aggregated({ keys: ['k'], records: [] })
    expect(isAggregated({ Data: data })).toBe(true)
    expect(deaggregateSync({ Data: data })).toEqual([])
    expect(deaggregateSync([{ Data: data }, plain])).toHaveLength(1)
  })

  it('a hash key index without a table is malformed', () => {
    const record = { Data: aggregated({ keys: ['k'], records: [{ key: 0, hashKey: 0, data: 'x' }] }) }
    expect(() => deaggregateSync(record)).toThrow(expect.objectContaining({ code: 'ERR_MALFORMED_RECORD' }))
    const errors: unknown[] = []
    deaggregateSync(record, true, error => errors.push(error))
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_MALFORMED_RECORD' })])
  })
})

it('the errors have no stack, which would cost more than all the rest: there may be as many as user records', () => {
  const { stackTraceLimit } = Error
  const stacks: unknown[] = []
  const onInvalidRecord = ({ name, message, stack }: Error): void =>
    void stacks.push([stack, `${name}: ${message}`])
  deaggregateSync(outside, { onInvalid: 'salvage', onInvalidRecord })
  deaggregateSync(withoutPlace, { onInvalid: 'salvage', onInvalidRecord, hashKeyRange: everything })
  expect(stacks).toHaveLength(4)
  for (const [stack, text] of stacks as [string, string][]) expect(stack).toBe(text)
  expect(Error.stackTraceLimit).toBe(stackTraceLimit)
})
