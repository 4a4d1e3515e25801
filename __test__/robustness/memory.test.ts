import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  RecordAggregator,
  ShardMap,
  ShardedAggregator,
  aggregate,
  deaggregateSync,
  iterateUserRecords
} from 'kinesis-agg'
import { binaryForms, lambda, sdk } from '../support/inputs'
import { Random } from '../support/random'
import { MAGIC, aggregated, message, seal } from '../support/wire'

const MIB = 1024 * 1024
// The test runner starts its processes with --expose-gc.
const collect = globalThis.gc!

/** Lets the collector run until `isDone`; false if that never comes. */
async function collectUntil(isDone: () => boolean): Promise<boolean> {
  for (let i = 0; i < 50; i++) {
    // In a turn of its own: what a WeakRef was asked for lives until its turn ends.
    await new Promise(resolve => setImmediate(resolve))
    collect()
    if (isDone()) return true
  }
  return false
}

function used(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const bytes = (): number => process.memoryUsage().arrayBuffers

/** One aggregated record with a key of its own. */
const record = (key: string, bytes: number): Buffer =>
  aggregated({ keys: [key], records: [{ key: 0, data: Buffer.alloc(bytes, key) }] })

describe('data are views', () => {
  const data = aggregated({
    keys: ['k'],
    records: [
      { key: 0, data: 'one' },
      { key: 0, data: 'two' }
    ]
  })

  it.each(Object.entries(binaryForms))('over the memory of the caller: %s', (_, form) => {
    const raw = (form(data) ?? form(Buffer.concat([data, Buffer.from([0])]))) as ArrayBufferView | ArrayBuffer
    const memory = ArrayBuffer.isView(raw) ? raw.buffer : raw
    const records = deaggregateSync(sdk(raw), { onInvalid: 'passthrough' })
    for (const one of records) {
      expect(one.data).toBeInstanceOf(Buffer)
      expect(one.data.buffer).toBe(memory)
    }
    // What is written to one is seen by the other.
    new Uint8Array(memory).fill(0x21)
    for (const one of records) expect(one.data.every(byte => byte === 0x21)).toBe(true)
  })

  it('over the memory of the caller, of a plain record too', () => {
    const plain = Buffer.from('plain')
    expect(deaggregateSync(sdk(plain))[0]!.data.buffer).toBe(plain.buffer)
  })

  it('over one memory for all records of an aggregate that came as base64, and over no other', () => {
    const text = aggregate(
      Array.from({ length: 100 }, (_, i) => ({ partitionKey: `k${i}`, data: 'x'.repeat(500) }))
    )
    const twice = deaggregateSync([0, 1].map(() => lambda(text[0]!.data.toString('base64'))))
    expect(new Set(twice.map(one => one.data.buffer)).size).toBe(2)
    expect(twice[0]!.data.buffer).toBe(twice[99]!.data.buffer)
  })
})

/** The forms of the drop-in and of its own, which give the first user record's key. */
const FORMS: [string, (text: string) => string][] = [
  ['without callbacks', (text: string) => deaggregateSync(lambda(text))[0]!.partitionKey],
  [
    'with callbacks',
    (text: string) => {
      let key = ''
      deaggregateSync(lambda(text), true, (_, records) => (key = records[0]!.partitionKey))
      return key
    }
  ]
]

describe('keys are strings of their own', () => {
  it('keeping a key does not keep the bytes of its record', async () => {
    const refs: WeakRef<object>[] = []
    const keys = Array.from({ length: 10 }, (_, i) => {
      const { buffer } = Buffer.from(new Uint8Array(record(`a long key, number ${i}`, MIB)))
      refs.push(new WeakRef(buffer))
      return deaggregateSync({ data: buffer })[0]!.partitionKey
    })
    expect(await collectUntil(() => refs.every(one => one.deref() === undefined))).toBe(true)
    expect(keys[9]).toBe('a long key, number 9')
  })

  it.each(FORMS)('nor its text: %s', async (_, keyOf) => {
    collect()
    const before = used()
    const keys = Array.from({ length: 40 }, (__, i) =>
      keyOf(record(`kept key number ${i}`, MIB).toString('base64'))
    )
    expect(await collectUntil(() => used() - before < 8 * MIB)).toBe(true)
    expect(keys[39]).toBe('kept key number 39')
  })
})

describe('keys of one record', () => {
  const KEPT = 5000

  it.each(FORMS)('keeping the first keeps at most 2 KB: %s', async (_, keyOf) => {
    const keys = Array.from({ length: 200 }, (__, i) => `key number ${1000 + i} of a record`)
    const text = aggregated({ keys, records: keys.map((__, key) => ({ key, data: 'x' })) }).toString('base64')
    const kept: string[] = Array.from({ length: KEPT }, () => '')
    kept[0] = keyOf(text)
    collect()
    const before = used()
    for (let i = 0; i < KEPT; i++) kept[i] = keyOf(text)
    const ofEach = (): number => (used() - before) / KEPT
    expect(await collectUntil(() => ofEach() <= 2048), `${ofEach()} bytes for each`).toBe(true)
    expect(kept.every(key => key === keys[0])).toBe(true)
  })
})

describe('data that callbacks get', () => {
  const KEPT = 5000

  it.each([
    ['one length', () => 66, 20],
    ['one length', () => 66, 100],
    ['one length', () => 66, 1000],
    ['lengths from 66 to 594 bytes', (i: number) => 66 * (1 + (i % 9)), 100],
    ['lengths from 66 bytes to 6 KB', (i: number) => 66 * (1 + (i % 100)), 100]
  ])(
    '%s: keeping the first keeps at most 2 KB beside it (%#)',
    async (_, lengthOf, count) => {
      const records = Array.from({ length: count }, (__, i) => ({
        key: 0,
        data: Buffer.alloc(lengthOf(i), 'x')
      }))
      const text = aggregated({ keys: ['k'], records }).toString('base64')
      const kept: string[] = Array.from({ length: KEPT }, () => '')
      const keepOne = (i: number): void =>
        deaggregateSync(lambda(text), true, (__, found) => {
          expect(found).toHaveLength(count)
          kept[i] = found[0]!.data
        })
      keepOne(0)
      collect()
      const before = used()
      for (let i = 0; i < KEPT; i++) keepOne(i)
      const ofEach = (): number => (used() - before) / KEPT
      const isSmall = await collectUntil(() => ofEach() <= 88 + 2048)
      expect(isSmall, `${ofEach()} bytes for each`).toBe(true)
      expect(kept.every(data => data.length === 88)).toBe(true)
    },
    180_000
  )
})

describe('records handed to an aggregator are copied', () => {
  it('and not kept', async () => {
    const aggregator = new RecordAggregator()
    const refs = Array.from({ length: 5 }, (_, i) => {
      const data = new Uint8Array(1000).fill(i)
      aggregator.addUserRecord({ partitionKey: `k${i}`, data })
      return new WeakRef(data)
    })
    expect(await collectUntil(() => refs.every(one => one.deref() === undefined))).toBe(true)
    expect(deaggregateSync(aggregator.build()!).map(one => one.data[999])).toEqual([0, 1, 2, 3, 4])
  })

  it("what comes out is the caller's: later aggregates do not write to it", () => {
    const aggregator = new RecordAggregator()
    const encode = (data: string): Buffer => {
      aggregator.addUserRecord({ partitionKey: 'k', data })
      return aggregator.build()!.data
    }
    const first = encode('first')
    const copy = Buffer.from(first)
    first.fill(0)
    expect(encode('first')).toEqual(copy)
    expect(first.every(byte => byte === 0)).toBe(true)
  })
})

describe('scratch memory', () => {
  const giant = 10 * MIB - 100

  it('is given back after a giant', async () => {
    collect()
    const before = bytes()
    const text = record('k', giant).toString('base64')
    deaggregateSync(lambda(text), true, (_, records) => expect(records).toHaveLength(1))
    expect(deaggregateSync(lambda(text))).toHaveLength(1)
    aggregate([{ partitionKey: 'k', data: 'x'.repeat(giant) }], { maxSize: 10 * MIB })
    // Three pieces of 2 MiB at most are kept, and two of a collector.
    expect(await collectUntil(() => bytes() - before < 10 * MIB)).toBe(true)
  })

  it('does not grow from call to call, whether records are good or damaged', async () => {
    const good = record('k', 100_000)
    const damaged = Buffer.from(good)
    damaged[50_000]! ^= 1
    const turn = (): void => {
      for (const data of [good, damaged].flatMap(one => [one, one.toString('base64')])) {
        deaggregateSync(lambda(data), true, () => {})
        deaggregateSync([lambda(data), sdk(good)], { onInvalid: 'passthrough' })
      }
      aggregate([{ partitionKey: 'k', data: good }])
    }
    for (let i = 0; i < 20; i++) turn()
    collect()
    const before = bytes()
    for (let i = 0; i < 200; i++) turn()
    expect(await collectUntil(() => bytes() - before < 2 * MIB)).toBe(true)
  })
})

describe('the iterator', () => {
  it('has one Kinesis record in memory at a time', async () => {
    const refs: WeakRef<object>[] = []
    const records = function* (): Iterable<{ data: Uint8Array }> {
      for (let i = 0; i < 20; i++) {
        const data = new Uint8Array(record(`k${i}`, 10_000))
        refs.push(new WeakRef(data.buffer))
        yield { data }
      }
    }
    let seen = 0
    for (const one of iterateUserRecords(records())) {
      seen += one.data.length
      await new Promise(resolve => setImmediate(resolve))
      collect()
      expect(refs.filter(ref => ref.deref() !== undefined).length).toBeLessThanOrEqual(3)
    }
    expect(seen).toBe(200_000)
  })
})

describe('memory stays within a small multiple of the input', () => {
  const key = 'k'.repeat(500_000)
  const random = new Random(5)
  const hostile: Record<string, [Buffer, number]> = {
    // Each is key index 0 and no data, 4 bytes and 2 around them: the least that a user record takes.
    'one key of 500 KB and 100,000 records': [
      aggregated({ keys: [key], records: Array.from({ length: 100_000 }, () => ({ key: 0, data: '' })) }),
      100_000
    ],
    'one hash key of 500 KB, and records that all have it': [
      aggregated({
        keys: ['k'],
        hashKeys: [key],
        records: Array.from({ length: 60_000 }, () => ({ key: 0, hashKey: 0, data: '' }))
      }),
      60_000
    ],
    '500,000 keys that no record has': [
      seal(
        Buffer.concat([
          Buffer.alloc(1_000_000, Buffer.from([0x0a, 0x00])),
          message({ keys: [], records: [{ key: 7, data: 'x' }] })
        ])
      ),
      1
    ],
    'a million bytes that look like an aggregate and are none': [
      Buffer.concat([MAGIC, random.bytes(200_000)]),
      -1
    ]
  }

  const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-hostile-'))

  it.each(
    Object.entries(hostile).flatMap(([name, one]) =>
      ['bytes', 'text', 'callback'].map(form => [name, form, one] as const)
    )
  )('%s, as %s', (_, form, [data, count]) => {
    const file = join(folder, 'record')
    writeFileSync(file, data)
    const run = (): string =>
      execFileSync(
        process.execPath,
        [join(__dirname, '..', 'support', 'hostile.cjs'), join(__dirname, '..', '..'), file, form],
        {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe']
        }
      )
    if (count < 0 && form !== 'callback') {
      expect(run).toThrow('Invalid record checksum')
    } else {
      const found = JSON.parse(run())
      expect(found.count).toBe(Math.max(count, 0))
      expect(found.mib).toBeLessThan(200)
    }
    rmSync(file)
  })
})

describe('a ShardedAggregator', () => {
  it('holds at most maxSize and 1 KiB a shard for keys and data, and 40 bytes beside for each record', async () => {
    const shardCount = 64
    // A little over a power of two: memory that only doubled would be twice as much.
    const maxSize = 66_000
    const step = 2n ** 128n / BigInt(shardCount)
    const shards = Array.from({ length: shardCount }, (_, i) => ({
      ShardId: `shard-${i}`,
      HashKeyRange: {
        StartingHashKey: String(step * BigInt(i)),
        EndingHashKey: String(step * BigInt(i + 1) - 1n)
      }
    }))
    const aggregator = new ShardedAggregator(new ShardMap(shards), { maxSize })
    const data = Buffer.alloc(990, 'x')
    const perShard = 65
    await collectUntil(() => false)
    const before = bytes()
    for (let shard = 0; shard < shardCount; shard++) {
      for (let i = 0; i < perShard; i++) {
        const explicitHashKey = String(step * BigInt(shard))
        expect(aggregator.push({ partitionKey: `k${i}`, data, explicitHashKey })).toBeUndefined()
      }
    }
    await collectUntil(() => false)
    const held = bytes() - before
    expect(held).toBeGreaterThan(shardCount * perShard * data.length)
    expect(held).toBeLessThan(shardCount * (maxSize + 1024 + perShard * 40))
    expect(aggregator.flush()).toHaveLength(shardCount)
  })
})
