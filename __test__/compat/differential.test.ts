/** Against `aws-kinesis-agg` 4.2.8 on random input, within the bounds in which that is right. */
import { describe, expect, it } from 'vitest'
import { type EncodedRecord, RecordAggregator, aggregate, deaggregate, deaggregateSync } from 'kinesis-agg'
import { AggregatedRecord } from 'kinesis-agg/lib/common'
import { Random } from '../support/random'
import { reference, referenceCommon } from '../support/reference'
import { MAGIC, field, message, seal } from '../support/wire'

interface Input {
  partitionKey: string
  data: string | Buffer | Uint8Array
  explicitHashKey?: string
}

const KEY_LENGTH = 12
const MIB = 1024 * 1024

/** Too long to be integer-like. */
const hashKey = (random: Random): string => `1${Array.from({ length: 37 }, () => random.below(10)).join('')}`

interface Shape {
  count: number
  /** Different keys, fewer than 128: from there on the reference counts key 0 wrongly. */
  keys: number
  hashed: boolean
  most: number
}

function recordsOf(random: Random, { count, keys, hashed, most }: Shape): Input[] {
  const table = Array.from({ length: keys }, () => random.word(KEY_LENGTH))
  const hashKeys = Array.from({ length: keys }, () => hashKey(random))
  return Array.from({ length: count }, () => {
    const bytes = random.bytes(1 + random.below(most))
    const data = random.pick([bytes, new Uint8Array(bytes), bytes.toString('latin1')])
    return {
      partitionKey: random.pick(table),
      data,
      ...(hashed ? { explicitHashKey: random.pick(hashKeys) } : {})
    }
  })
}

/** The reference changes its input. */
const copies = (records: Input[]): Input[] => records.map(record => ({ ...record }))

const shown = (encoded: Partial<EncodedRecord> | undefined): unknown =>
  encoded && [encoded.partitionKey, encoded.ExplicitHashKey, encoded.data!.toString('base64')]

const seeds = Array.from({ length: 40 }, (_, i) => i + 1)

describe('encoding, byte for byte', () => {
  it.each(seeds)('what build() makes; seed %i', seed => {
    const random = new Random(seed)
    const records = recordsOf(random, {
      count: 1 + random.below(200),
      keys: 1 + random.below(127),
      hashed: seed % 2 === 0,
      most: 300
    })
    const there = new reference.RecordAggregator()
    const here = new RecordAggregator()
    for (const record of records) {
      expect(here.calculateUserRecordSize(record)).toBe(there.calculateUserRecordSize({ ...record }))
      there.addUserRecord({ ...record })
      here.addUserRecord(record)
      expect([here.totalBytes, here.length()]).toEqual([there.totalBytes, there.length()])
    }
    expect(shown(here.build())).toEqual(shown(there.build()))
  })

  it.each(seeds.slice(0, 6))('keys without end, none of them used twice; seed %i', seed => {
    const random = new Random(seed)
    const records = Array.from({ length: 300 }, (_, i) => ({
      partitionKey: `${random.word(KEY_LENGTH)}${i}`,
      data: random.bytes(20)
    }))
    const there = new reference.RecordAggregator()
    for (const record of copies(records)) there.addUserRecord(record)
    expect(aggregate(records).map(shown)).toEqual([shown(there.build())])
  })

  it.each(seeds.slice(0, 6))('where one aggregate ends and the next begins; seed %i', seed => {
    const random = new Random(seed)
    const records = recordsOf(random, { count: 120, keys: 100, hashed: seed % 2 === 0, most: 40_000 })
    const there: unknown[] = []
    new reference.RecordAggregator((error, encoded) => there.push(error, shown(encoded))).aggregateRecords(
      copies(records),
      true
    )
    expect(there.length).toBeGreaterThan(4)
    const here: unknown[] = []
    // There the outer key does not count.
    const maxSize = MIB + KEY_LENGTH
    const onReady = (error: Error | null, encoded?: EncodedRecord): unknown =>
      here.push(error, shown(encoded))
    new RecordAggregator({ maxSize, onReady }).aggregateRecords(records, true)
    expect(here).toEqual(there)
    expect(aggregate(records, { maxSize }).map(shown)).toEqual(there.filter(Boolean))
  })
})

/** An aggregated record as its bytes, with what real producers do not write but may. */
function randomAggregate(random: Random): Buffer {
  const keys = Array.from({ length: 1 + random.below(20) }, () =>
    random.pick([random.word(8), '2', '1', '我愛你', 'x'.repeat(200)])
  )
  // A record without a hash key while others have one is read wrongly there.
  const hashKeys = random.below(2) ? [hashKey(random), '7', hashKey(random)] : []
  const records = Array.from({ length: random.below(60) }, () => ({
    key: random.below(keys.length),
    hashKey: hashKeys.length > 0 ? random.below(hashKeys.length) : undefined,
    data: random.bytes(random.below(80))
  }))
  const body = message({ keys, hashKeys, records })
  return seal(random.below(2) ? Buffer.concat([field(15, 'unknown'), body, field(99, body)]) : body)
}

function randomRecord(random: Random): object {
  const bytes = random.pick([
    () => randomAggregate(random),
    () => randomAggregate(random),
    () => random.bytes(random.below(60)),
    () => Buffer.concat([MAGIC.subarray(0, 3), Buffer.from('!'), random.bytes(30)])
  ])()
  const about = { sequenceNumber: random.word(5), partitionKey: random.word(4) }
  return random.pick([
    { ...about, data: bytes.toString('base64') },
    { ...about, data: bytes, explicitPartitionKey: '3' },
    { SequenceNumber: about.sequenceNumber, PartitionKey: about.partitionKey, Data: bytes },
    { SequenceNumber: about.sequenceNumber, PartitionKey: about.partitionKey, Data: new Uint8Array(bytes) }
  ])
}

describe('decoding, every callback and property', () => {
  it.each(seeds)('seed %i', seed => {
    const random = new Random(1000 + seed)
    for (let i = 0; i < 10; i++) {
      const record = randomRecord(random)
      const verify = random.below(3) > 0
      const calls = [reference, { deaggregate, deaggregateSync } as unknown as typeof reference].map(
        codec => {
          const seen: unknown[] = []
          codec.deaggregateSync(record, verify, (...args) => seen.push('sync', args))
          codec.deaggregate(
            record,
            verify,
            (...args) => seen.push('each', args, Object.entries(args[1])),
            (...args) => seen.push('after', args)
          )
          return seen
        }
      )
      expect(calls[1]).toStrictEqual(calls[0])
      expect(JSON.stringify(calls[1])).toBe(JSON.stringify(calls[0]))
    }
  })
})

describe('the sequence of the callbacks of aggregate', () => {
  type Done = (error?: Error | null, data?: unknown) => void

  /** Handlers that answer at once, later, and with errors. */
  function play(codec: typeof reference.aggregate, records: object[], seed: number): Promise<string[]> {
    const random = new Random(seed)
    const queueSize = 1 + random.below(3)
    const calls: string[] = []
    return new Promise(resolve => {
      codec(
        records,
        ({ partitionKey }, done: Done) => {
          calls.push(`start ${partitionKey}`)
          const answer = (): void => {
            calls.push(`end ${partitionKey}`)
            if (partitionKey.endsWith('e')) done(new Error(`put ${partitionKey}`), 'data')
            else done(null, 'data')
          }
          if (seed % 2 === 0) answer()
          else setTimeout(answer, 10)
        },
        () => {
          calls.push('after')
          setTimeout(resolve, 10, calls)
        },
        (error, data) => calls.push(`${error.message} ${String(data)}`),
        queueSize
      )
      calls.push('returned')
    })
  }

  it.each(seeds.slice(0, 12))('seed %i', async seed => {
    const random = new Random(2000 + seed)
    const records = Array.from({ length: random.below(9) }, (_, i) => ({
      partitionKey: `${i}-${random.pick(['e', 'f', 'g'])}`,
      data: Buffer.alloc(random.pick([10, 600_000, 2_000_000]))
    }))
    const here = await play(aggregate as unknown as typeof reference.aggregate, copies(records), seed)
    expect(here).toEqual(await play(reference.aggregate, copies(records), seed))
  })
})

describe('AggregatedRecord of lib/common', () => {
  it.each(seeds.slice(0, 10))('seed %i', seed => {
    const random = new Random(3000 + seed)
    const content = {
      partition_key_table: ['a', random.word(9), '我愛你'],
      explicit_hash_key_table: [hashKey(random)],
      records: Array.from({ length: random.below(20) }, () => ({
        partition_key_index: random.below(3),
        ...(random.below(2) ? { explicit_hash_key_index: 0 } : {}),
        data: random.bytes(random.below(200)),
        tags: random.below(3) ? [] : [{ key: 'k', value: 'v' }, { key: 'l' }]
      }))
    }
    const bytes = AggregatedRecord.encode(content).finish()
    expect(bytes).toEqual(referenceCommon.AggregatedRecord.encode(content).finish())
    expect(AggregatedRecord.decode(bytes)).toEqual(content)
  })
})
