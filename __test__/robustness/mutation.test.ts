import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as kinesisAgg from 'kinesis-agg'
import { AggregatedRecord } from 'kinesis-agg/lib/common'
import { corpusOf, regressionsOf } from '../support/corpus'
import { about, lambda, sdk, wrappers } from '../support/inputs'
import { encodeByHand, seal } from '../support/wire'

const { deaggregateSync, isAggregated, iterateUserRecords } = kinesisAgg

/** What comes of a record: what is in it, or the code and message of its error. */
type Outcome = { records: unknown[] } | { code: unknown; message: string }

function outcomeOf(run: () => unknown[]): Outcome {
  try {
    return { records: run() }
  } catch (error) {
    const { code, message } = error as Error & { code: unknown }
    return { code, message }
  }
}

const parts = ({ partitionKey, explicitHashKey, data }: kinesisAgg.DeaggregatedRecord) => [
  partitionKey,
  explicitHashKey,
  data.toString('base64')
]
const GOOD = encodeByHand([
  { partitionKey: 'a', explicitHashKey: '1', data: Buffer.from('first') },
  { partitionKey: 'é', data: Buffer.from('second') },
  { partitionKey: 'a', data: Buffer.alloc(0) }
])

/** By every way of the public API; each must come to the same. */
function outcomes(data: Buffer, computeChecksums: boolean): Outcome {
  const options = { computeChecksums }
  const text = data.toString('base64')
  const outcome = outcomeOf(() => deaggregateSync(lambda(data), options).map(parts))
  const callback = (one: unknown, names: 'small' | 'large') => () => {
    let result: unknown[] | Error = []
    deaggregateSync(one as kinesisAgg.SdkRecord, computeChecksums, (error, list) => {
      const records = list as unknown as Record<string, unknown>[]
      result =
        error ??
        records.map(record =>
          (names === 'small'
            ? ['partitionKey', 'explicitPartitionKey', 'data']
            : ['PartitionKey', 'ExplicitPartitionKey', 'Data']
          ).map(name =>
            record[name] instanceof Uint8Array ? Buffer.from(record[name]).toString('base64') : record[name]
          )
        )
    })
    if (result instanceof Error) throw result
    return result
  }
  const ways: Record<string, () => unknown[]> = {
    base64: () => deaggregateSync(lambda(text), options).map(parts),
    'a lazy iteration': () => [...iterateUserRecords([lambda(data)], options)].map(parts),
    // Others around it, so that it is decoded among many.
    'a batch': () => {
      const good = lambda(GOOD)
      return deaggregateSync([good, lambda(data), good], options)
        .slice(3, -3)
        .map(parts)
    },
    'an SDK record': () => deaggregateSync(sdk(new Uint8Array(data)), options).map(parts),
    'a callback': callback(lambda(data), 'small'),
    'a callback, base64': callback(lambda(text), 'small'),
    'a callback, SDK': callback(sdk(new Uint8Array(data)), 'large')
  }
  for (const [name, way] of Object.entries(ways)) expect(outcomeOf(way), name).toEqual(outcome)
  if ('code' in outcome) {
    expect(isAggregated(lambda(data))).toBe(true)
    expect(outcome.code).toBe(
      outcome.message === 'Invalid record checksum' ? 'ERR_INVALID_CHECKSUM' : 'ERR_MALFORMED_RECORD'
    )
    const passed = deaggregateSync(lambda(data), { ...options, onInvalid: 'passthrough' })
    expect(passed.map(({ aggregated, data }) => ({ aggregated, data }))).toEqual([
      { aggregated: false, data }
    ])
  }
  return outcome
}

describe('every single change of a record', () => {
  const message = GOOD.subarray(4, -16)

  it('of a bit: the checksum tells, but for the magic, which makes it a plain record', () => {
    for (let bit = 0; bit < GOOD.length * 8; bit++) {
      const data = Buffer.from(GOOD)
      data[bit >> 3]! ^= 1 << (bit & 7)
      const outcome = outcomes(data, true)
      if (bit < 32)
        expect(outcome).toEqual({ records: [[about.partitionKey, undefined, data.toString('base64')]] })
      else expect(outcome).toMatchObject({ code: 'ERR_INVALID_CHECKSUM' })
    }
  })

  it('of its length: plain while 17 bytes do not follow the magic, then the checksum tells', () => {
    for (let length = 0; length < GOOD.length; length++) {
      const outcome = outcomes(GOOD.subarray(0, length), true)
      if (length < 21) expect(outcome).toHaveProperty('records')
      else expect(outcome).toMatchObject({ code: 'ERR_INVALID_CHECKSUM' })
    }
  })

  it('of a byte of the message to any other, with a good checksum: records, or malformed', () => {
    const seen = { records: 0, malformed: 0 }
    for (let at = 0; at < message.length; at++) {
      // Of the 256, those that protobuf takes for something else.
      for (const byte of [0, 1, 2, 3, 4, 8, 10, 18, 26, 34, 43, 44, 127, 128, 255]) {
        const changed = Buffer.from(message)
        changed[at] = byte
        const outcome = outcomes(seal(changed), true)
        expect(outcomes(seal(changed), false)).toEqual(outcome)
        seen['records' in outcome ? 'records' : 'malformed']++
      }
    }
    expect(seen.records).toBeGreaterThan(100)
    expect(seen.malformed).toBeGreaterThan(100)
  })

  it('cut anywhere, with a good checksum', () => {
    for (let length = 1; length < message.length; length++) outcomes(seal(message.subarray(0, length)), true)
  })
})

describe('the corpus of the fuzzers', () => {
  const inputs = ['decode', 'index'].flatMap(target => [
    ...corpusOf(target).map(bytes => ({ target, bytes })),
    ...regressionsOf(target).map(bytes => ({ target, bytes }))
  ])

  it('comes to the same by every way, through the addon', () => {
    let records = 0
    for (const { target, bytes } of inputs) {
      // The first two bytes of an input for `index` are not part of the message.
      const message = target === 'index' ? bytes.subarray(2) : bytes
      if (message.length === 0) continue
      if ('records' in outcomes(seal(message), true)) records++
      try {
        // Without the look-up of indexes, so that it may take more.
        AggregatedRecord.decode(message)
      } catch (error) {
        expect(error).toHaveProperty('code', 'ERR_MALFORMED_RECORD')
        expect(outcomes(seal(message), true)).toHaveProperty('code')
      }
    }
    expect(inputs.length).toBeGreaterThan(200)
    expect(records).toBeGreaterThan(50)
  })
})

describe('anything at all in the place of an argument', () => {
  const DOCUMENTED = new Set([
    'ERR_INVALID_ARG_TYPE',
    'ERR_INVALID_CHECKSUM',
    'ERR_MALFORMED_RECORD',
    'ERR_MISSING_DATA',
    'ERR_MISSING_PARTITION_KEY',
    'ERR_RECORD_TOO_LARGE',
    'ERR_RECORD_DOES_NOT_FIT',
    'ERR_INVALID_PARTITION_KEY',
    'ERR_INVALID_HASH_KEY',
    'ERR_INVALID_SHARDS',
    'ERR_NO_RECORDS'
  ])

  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withNullPrototype: true,
    withObjectString: true,
    maxDepth: 3
  })
  /** Objects that have the names of a record's parts. */
  const nearly = fc.record(
    Object.fromEntries(
      [
        'data',
        'Data',
        'partitionKey',
        'PartitionKey',
        'explicitHashKey',
        'ExplicitHashKey',
        'explicitPartitionKey',
        'sequenceNumber',
        'kinesis',
        'recordId',
        'kinesisRecordMetadata'
      ].map(name => [name, fc.oneof(anything, fc.constantFrom('a', GOOD, GOOD.toString('base64'), 7, ''))])
    ),
    { requiredKeys: [] }
  )
  const value = fc.oneof(
    nearly,
    fc.array(nearly, { maxLength: 3 }),
    anything,
    fc.constantFrom(...Object.values(wrappers).map(wrap => wrap(GOOD)), [lambda(GOOD)])
  )

  /** What it throws must be documented. */
  function expectDocumented(run: () => unknown): void {
    try {
      run()
    } catch (error) {
      expect(error).toBeInstanceOf(Error)
      const { code } = error as { code: unknown }
      if (!DOCUMENTED.has(code as string)) throw error
    }
  }

  // oxlint-disable-next-line typescript/no-explicit-any
  const api = kinesisAgg as any
  const nothing = (): void => {}
  const uses: Record<string, (a: unknown, b: unknown) => unknown> = {
    deaggregateSync: (a, b) => api.deaggregateSync(a, b),
    'deaggregateSync with a callback': a => api.deaggregateSync(a, true, nothing),
    deaggregate: a => api.deaggregate(a, true, nothing, nothing),
    isAggregated: a => api.isAggregated(a),
    iterateUserRecords: (a, b) => [...api.iterateUserRecords(a, b)],
    deaggregateEvent: (a, b) => api.deaggregateEvent(a, b),
    'deaggregateEvent of records': a => api.deaggregateEvent({ Records: a }),
    aggregate: (a, b) => api.aggregate(a, b),
    'aggregate of one': (a, b) => api.aggregate([a], b),
    'new RecordAggregator': a => typeof a !== 'function' && new api.RecordAggregator(a),
    push: a => new api.RecordAggregator({ maxSize: 200 }).push(a),
    addUserRecord: a => new api.RecordAggregator().addUserRecord(a),
    calculateUserRecordSize: a => new api.RecordAggregator().calculateUserRecordSize(a),
    aggregateRecords: a => new api.RecordAggregator().aggregateRecords(a, true, nothing),
    putRecordsBatches: a => api.putRecordsBatches(a),
    'putRecordsBatches of one': a => api.putRecordsBatches([a]),
    hashKeyOf: (a, b) => api.hashKeyOf(a, b),
    'new ShardMap': a => new api.ShardMap(a),
    'new ShardMap of one': a => new api.ShardMap([a]),
    'new ShardedAggregator': (a, b) => new api.ShardedAggregator(a, b),
    'lib/common decode': a => AggregatedRecord.decode(a as Buffer),
    'lib/common encode': a => AggregatedRecord.encode(a as object)
  }

  it.each(Object.entries(uses))('%s: works, or throws a documented error', (_, use) => {
    fc.assert(
      fc.property(value, value, (a, b) => expectDocumented(() => use(a, b))),
      { numRuns: 300, seed: 7 }
    )
  })
})
