import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  type EncodedRecord,
  RecordAggregator,
  type Shard,
  ShardMap,
  ShardedAggregator,
  deaggregateSync,
  hashKeyOf
} from 'kinesis-agg'

const END = 1n << 128n

/** Shards between the hash keys given, 0 and 2^128 added. */
function shardsBetween(cuts: readonly bigint[]): Shard[] {
  const starts = [...new Set([0n, ...cuts])].toSorted((a, b) => (a < b ? -1 : 1))
  return starts.map((start, i) => ({
    ShardId: `shardId-${String(i).padStart(12, '0')}`,
    HashKeyRange: { StartingHashKey: String(start), EndingHashKey: String((starts[i + 1] ?? END) - 1n) }
  }))
}

const evenly = (count: number): Shard[] =>
  shardsBetween(Array.from({ length: count }, (_, i) => (END * BigInt(i)) / BigInt(count)))

/** What Kinesis does: the explicit hash key of the put decides, else the MD5 of its partition key. */
function route(shards: readonly Shard[], { partitionKey, explicitHashKey }: EncodedRecord): Shard {
  const hashKey =
    explicitHashKey === undefined
      ? BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`)
      : BigInt(explicitHashKey)
  return shards.find(({ HashKeyRange: range }) => {
    return hashKey >= BigInt(range!.StartingHashKey!) && hashKey <= BigInt(range!.EndingHashKey!)
  })!
}

/** What KCL 2 hands on of one aggregate: at the first user record outside the shard it drops all of them. */
function asKcl(
  shard: Shard,
  { data, partitionKey }: EncodedRecord
): { partitionKey: string; data: Buffer }[] {
  const records = deaggregateSync({ Data: data, PartitionKey: partitionKey })
  const inside = records.every(({ partitionKey, explicitHashKey }) => {
    const hashKey = explicitHashKey ?? BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`)
    const { StartingHashKey, EndingHashKey } = shard.HashKeyRange!
    return BigInt(hashKey) >= BigInt(StartingHashKey!) && BigInt(hashKey) <= BigInt(EndingHashKey!)
  })
  return inside ? records : []
}

const hashKey = fc.bigInt({ min: 0n, max: END - 1n })
const cuts = fc.array(hashKey, { maxLength: 20 })
const userRecord = fc.record(
  {
    partitionKey: fc.string({ minLength: 1, maxLength: 30, unit: 'binary' }),
    data: fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
    explicitHashKey: hashKey.map(String)
  },
  { requiredKeys: ['partitionKey', 'data'] }
)

/** As a multiset: shards come in any order. */
const bag = (records: readonly { partitionKey: string; data: Buffer }[]): string[] =>
  records.map(({ partitionKey, data }) => `${partitionKey.toWellFormed()} ${data.toString('hex')}`).toSorted()

describe('hashKeyOf', () => {
  it('is the MD5 of the UTF-8 key, highest byte first', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 128 }), key => {
        expect(hashKeyOf(key)).toBe(BigInt(`0x${createHash('md5').update(key).digest('hex')}`))
      })
    )
  })

  it('is the explicit hash key where there is one', () => {
    expect(hashKeyOf('any', '0')).toBe(0n)
    expect(hashKeyOf('any', END - 1n)).toBe(END - 1n)
    expect(hashKeyOf('any', '')).toBe(hashKeyOf('any'))
  })

  it.each(['-1', '01', '1.5', ' 1', 'x', String(END)])('refuses the explicit hash key %j', explicit => {
    expect(() => hashKeyOf('any', explicit)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_HASH_KEY' })
    )
  })

  it('counts characters, not UTF-16 units, of a partition key', () => {
    const key = '😀'.repeat(256)
    expect(hashKeyOf(key)).toBe(BigInt(`0x${createHash('md5').update(key).digest('hex')}`))
    expect(() => hashKeyOf('a'.repeat(257))).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_PARTITION_KEY', message: expect.stringContaining('256') })
    )
  })

  it('refuses what is no key', () => {
    for (const call of [() => hashKeyOf(1 as never), () => hashKeyOf('a', 1 as never)]) {
      expect(call).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' }))
    }
  })
})

describe('ShardMap', () => {
  it('finds the shard of every hash key, from 1 to 10,000 shards, at both ends of each', () => {
    for (const count of [1, 2, 3, 1000, 10_000]) {
      const shards = evenly(count)
      const map = new ShardMap(shards.toReversed())
      expect(map.shards).toHaveLength(count)
      for (const { ShardId, HashKeyRange } of shards) {
        const { StartingHashKey, EndingHashKey } = HashKeyRange!
        expect(map.shardFor('any', StartingHashKey!).shardId).toBe(ShardId)
        expect(map.shardFor('any', EndingHashKey!)).toEqual({
          shardId: ShardId,
          startingHashKey: BigInt(StartingHashKey!),
          endingHashKey: BigInt(EndingHashKey!)
        })
      }
    }
  })

  it('agrees with a search through the ranges on any map and any key', () => {
    fc.assert(
      fc.property(cuts, fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.option(hashKey))), (some, keys) => {
        const shards = shardsBetween(some)
        const map = new ShardMap(shards)
        for (const [partitionKey, explicit] of keys) {
          const encoded = { partitionKey, data: Buffer.alloc(0) }
          const shard = route(
            shards,
            explicit === null ? encoded : { ...encoded, explicitHashKey: String(explicit) }
          )
          expect(map.shardFor(partitionKey, explicit ?? undefined).shardId).toBe(shard.ShardId)
        }
      })
    )
  })

  it('leaves closed shards out', () => {
    const parent = { ...evenly(1)[0]!, ShardId: 'parent', SequenceNumberRange: { EndingSequenceNumber: '9' } }
    expect(new ShardMap([parent, ...evenly(2)]).shards.map(({ shardId }) => shardId)).toEqual(
      evenly(2).map(({ ShardId }) => ShardId)
    )
  })

  it('is not changed by what it hands out', () => {
    const map = new ShardMap(evenly(2))
    Object.assign(map.shards[0]!, { startingHashKey: 5n })
    Object.assign(map.shardFor('a', '0'), { shardId: 'other' })
    expect(map.shardFor('a', '0')).toMatchObject({ shardId: 'shardId-000000000000', startingHashKey: 0n })
  })

  const [first, second, third] = evenly(3)
  it.each([
    ['no shard', [], 'there is no open shard'],
    ['a gap at the beginning', [second, third], 'no shard holds the hash keys from 0 to'],
    ['a gap in the middle', [first, third], `between ${first!.ShardId} and ${third!.ShardId}`],
    ['a gap at the end', [first, second], `after ${second!.ShardId}`],
    [
      'an overlap',
      [first, second, second, third],
      `shards ${second!.ShardId} and ${second!.ShardId} overlap`
    ],
    [
      'a range the wrong way round',
      [{ ShardId: 'x', HashKeyRange: { StartingHashKey: '5', EndingHashKey: '4' } }],
      'shard x starts at 5'
    ],
    [
      'a malformed number',
      [{ ShardId: 'x', HashKeyRange: { StartingHashKey: '0x0', EndingHashKey: '4' } }],
      '0x0'
    ],
    ['no range', [{ ShardId: 'x', HashKeyRange: undefined }], 'StartingHashKey of shard x'],
    [
      'a number over 128 bits',
      [{ ShardId: 'x', HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(END) } }],
      String(END)
    ]
  ])('refuses %s and names it', (_, shards, message) => {
    expect(() => new ShardMap(shards as Shard[])).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_SHARDS', message: expect.stringContaining(message) })
    )
  })

  it('refuses what are no shards', () => {
    for (const shards of [undefined, {}, [null], [{ ShardId: 1 }]]) {
      expect(() => new ShardMap(shards as never)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' })
      )
    }
  })
})

describe('ShardedAggregator', () => {
  const options = { maxSize: 2048 }

  it('loses nothing to KCL, on any map', () => {
    fc.assert(
      fc.property(cuts, fc.array(userRecord, { maxLength: 150 }), (some, records) => {
        const shards = shardsBetween(some)
        const aggregator = new ShardedAggregator(new ShardMap(shards), options)
        const encoded = [...records.flatMap(record => aggregator.push(record) ?? []), ...aggregator.flush()]
        const seen = encoded.flatMap(one => {
          expect(one.data.length + Buffer.byteLength(one.partitionKey)).toBeLessThanOrEqual(options.maxSize)
          expect(one.ExplicitHashKey).toBe(one.explicitHashKey)
          return asKcl(route(shards, one), one)
        })
        expect(bag(seen)).toEqual(bag(records))
        expect(aggregator.flush()).toEqual([])
      })
    )
  })

  it('loses nothing across splits and merges', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cuts, fc.array(userRecord, { maxLength: 40 })), { minLength: 1, maxLength: 5 }),
        phases => {
          const aggregator = new ShardedAggregator(new ShardMap(shardsBetween(phases[0]![0])), options)
          const seen: { partitionKey: string; data: Buffer }[] = []
          for (const [i, [some, records]] of phases.entries()) {
            const shards = shardsBetween(some)
            const put = (one: EncodedRecord) => seen.push(...asKcl(route(shards, one), one))
            for (const record of records) {
              const full = aggregator.push(record)
              if (full !== undefined) put(full)
            }
            const next = phases[i + 1]?.[0]
            for (const rest of next
              ? aggregator.updateShards(new ShardMap(shardsBetween(next)))
              : aggregator.flush()) {
              put(rest)
            }
          }
          expect(bag(seen)).toEqual(bag(phases.flatMap(([, records]) => records)))
        }
      )
    )
  })

  it('does what a plain aggregator cannot', () => {
    const shards = evenly(4)
    const records = Array.from({ length: 400 }, (_, i) => ({
      partitionKey: `device-${i}`,
      data: Buffer.from([i & 255])
    }))
    const plain = new RecordAggregator(options)
    const spanning = [...records.flatMap(record => plain.push(record) ?? []), plain.flush()!]
    expect(spanning.flatMap(one => asKcl(route(shards, one), one))).toEqual([])
    const sharded = new ShardedAggregator(new ShardMap(shards), options)
    const inside = [...records.flatMap(record => sharded.push(record) ?? []), ...sharded.flush()]
    expect(bag(inside.flatMap(one => asKcl(route(shards, one), one)))).toEqual(bag(records))
  })

  interface Pushed {
    partitionKey: string
    data: Buffer | string
    explicitHashKey?: string
  }
  // Few that end the waiting of others: else there are never many that wait.
  const maybeBad: fc.Arbitrary<Pushed> = fc.oneof(
    {
      weight: 100,
      arbitrary: fc.record({
        partitionKey: fc.string({ minLength: 1, maxLength: 250 }),
        data: fc.oneof(
          fc.string(),
          fc.uint8Array({ maxLength: 100 }).map(bytes => Buffer.from(bytes))
        )
      })
    },
    { weight: 1, arbitrary: userRecord },
    { weight: 1, arbitrary: fc.record({ partitionKey: fc.constantFrom('a', 'b', 'c'), data: fc.string() }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        { partitionKey: 'long'.repeat(65), data: 'x' },
        { partitionKey: 'large', data: 'x'.repeat(70_000) },
        { partitionKey: 'lone \ud800', data: '\udc00' },
        { partitionKey: 'a', data: 'x', explicitHashKey: 'none' },
        { partitionKey: 'a', data: 'x'.repeat(1500) }
      )
    }
  )
  const fewCuts = fc.array(hashKey, { maxLength: 3 })
  const step: fc.Arbitrary<{ record: Pushed } | { cuts: bigint[] } | { flush: true }> = fc.oneof(
    { weight: 200, arbitrary: maybeBad.map(record => ({ record })) },
    { weight: 1, arbitrary: fewCuts.map(cuts => ({ cuts })) },
    { weight: 1, arbitrary: fc.constant({ flush: true as const }) }
  )

  /** What makes the same of the same pushes: one aggregator for each shard, looked up record by record. */
  class OneForEachShard {
    #aggregators = new Map<string, RecordAggregator>()
    constructor(
      private shards: Shard[],
      private readonly maxSize: number
    ) {}
    push(record: Pushed) {
      hashKeyOf(record.partitionKey, record.explicitHashKey)
      const { ShardId } = route(this.shards, { ...record, data: Buffer.alloc(0) })
      let aggregator = this.#aggregators.get(ShardId!)
      if (aggregator === undefined) {
        aggregator = new RecordAggregator({ maxSize: this.maxSize })
        this.#aggregators.set(ShardId!, aggregator)
      }
      return aggregator.push(record)
    }
    flush() {
      const ids = this.shards.map(({ ShardId }) => ShardId!)
      return ids.flatMap(id => this.#aggregators.get(id)?.flush() ?? [])
    }
    updateShards(shards: Shard[]) {
      const rest = this.flush()
      this.shards = shards
      this.#aggregators.clear()
      return rest
    }
  }
  const seen = (encoded: EncodedRecord | undefined) =>
    encoded && {
      partitionKey: encoded.partitionKey,
      data: encoded.data.toString('hex'),
      explicitHashKey: encoded.explicitHashKey ?? String(hashKeyOf(encoded.partitionKey))
    }
  const outcomeOf = <T>(call: () => T): T | string => {
    try {
      return call()
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  it('answers every call as one aggregator for each shard would, although look-ups wait for each other', () => {
    const maxSizes = fc.constantFrom(300, 2048, 10_000, 51_200)
    fc.assert(
      fc.property(
        fewCuts,
        maxSizes,
        fc.array(step, { maxLength: 400, size: 'max' }),
        (some, maxSize, steps) => {
          const shards = shardsBetween(some)
          const model = new OneForEachShard(shards, maxSize)
          const aggregator = new ShardedAggregator(new ShardMap(shards), { maxSize })
          for (const step of [...steps, { flush: true as const }]) {
            if ('record' in step) {
              const expected = outcomeOf(() => seen(model.push(step.record)))
              const { data } = step.record
              const record = { ...step.record, data: typeof data === 'string' ? data : Buffer.from(data) }
              expect(outcomeOf(() => seen(aggregator.push(record)))).toEqual(expected)
              // It was copied.
              if (typeof record.data !== 'string') record.data.fill(0xff)
            } else if ('cuts' in step) {
              const next = shardsBetween(step.cuts)
              expect(aggregator.updateShards(new ShardMap(next)).map(seen)).toEqual(
                model.updateShards(next).map(seen)
              )
            } else {
              expect(aggregator.flush().map(seen)).toEqual(model.flush().map(seen))
            }
          }
        }
      ),
      { numRuns: 150 }
    )
  })

  it('answers so for thousands of keys, new ones and ones that repeat', () => {
    const shards = evenly(5)
    const model = new OneForEachShard(shards, 51_200)
    const aggregator = new ShardedAggregator(new ShardMap(shards), { maxSize: 51_200 })
    // In turns none, all and some of 30,000 keys are new, with data above and below what waits.
    for (let i = 0; i < 30_000; i++) {
      const repeats = [i % 20, i, i % 3 === 0 ? i % 20 : i][Math.floor(i / 10_000)]
      const record = {
        partitionKey: `device-${repeats}${'é'.repeat(i % 40)}`,
        data: Buffer.alloc(i % 97 === 0 ? 3000 : i % 300, i)
      }
      const full = seen(aggregator.push(record))
      const expected = seen(model.push(record))
      if (full !== undefined || expected !== undefined) expect(full).toEqual(expected)
    }
    expect(aggregator.flush().map(seen)).toEqual(model.flush().map(seen))
  })

  it('answers so for more shards than records wait for, once a first aggregate was full', () => {
    const shards = evenly(300)
    const model = new OneForEachShard(shards, 400)
    const aggregator = new ShardedAggregator(new ShardMap(shards), { maxSize: 400 })
    let encoded = 0
    for (let i = 0; i < 6000; i++) {
      const record = { partitionKey: `device-${i}`, data: 'x'.repeat(i % 30) }
      const full = seen(aggregator.push(record))
      expect(full).toEqual(seen(model.push(record)))
      if (full !== undefined) encoded++
    }
    expect(encoded).toBeGreaterThan(300)
    expect(aggregator.flush().map(seen)).toEqual(model.flush().map(seen))
  })

  it('answers so at every size that the limit may have', () => {
    const shards = evenly(1)
    const map = new ShardMap(shards)
    for (let maxSize = 850; maxSize < 1550; maxSize++) {
      const model = new OneForEachShard(shards, maxSize)
      const aggregator = new ShardedAggregator(map, { maxSize })
      for (let i = 0; i < 12; i++) {
        // The aggregated record's own partition key is a large part here, and counts.
        const record = { partitionKey: `${i}`.repeat(i % 4 === 0 ? 200 : 1), data: 'x'.repeat(i) }
        expect(seen(aggregator.push(record))).toEqual(seen(model.push(record)))
      }
      expect(aggregator.flush().map(seen)).toEqual(model.flush().map(seen))
    }
  })

  it('loses and repeats nothing when memory runs out', () => {
    const shards = evenly(3)
    const aggregator = new ShardedAggregator(new ShardMap(shards), { maxSize: 51_200 })
    const records = Array.from({ length: 30 }, (_, i) => ({ partitionKey: `key-${i}`, data: `data-${i}` }))
    for (const record of records) expect(aggregator.push(record)).toBeUndefined()
    const { allocUnsafeSlow } = Buffer
    let calls = 0
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation(size => {
      if (++calls === 2) throw new RangeError('out of memory')
      return allocUnsafeSlow(size)
    })
    try {
      expect(() => aggregator.flush()).toThrow('out of memory')
    } finally {
      allocate.mockRestore()
    }
    const found = aggregator.flush().flatMap(one => deaggregateSync({ Data: one.data }))
    expect(bag(found)).toEqual(
      bag(records.map(({ partitionKey, data }) => ({ partitionKey, data: Buffer.from(data) })))
    )
  })

  it('keeps what it holds when a record is refused', () => {
    const aggregator = new ShardedAggregator(new ShardMap(evenly(2)), options)
    aggregator.push({ partitionKey: 'a', data: 'kept' })
    for (const [record, code] of [
      [{ partitionKey: 'a'.repeat(257), data: '' }, 'ERR_INVALID_PARTITION_KEY'],
      [{ partitionKey: 'a', data: '', explicitHashKey: String(END) }, 'ERR_INVALID_HASH_KEY'],
      [{ partitionKey: 'a', data: 'x'.repeat(3000) }, 'ERR_RECORD_TOO_LARGE'],
      [{ partitionKey: 'a' }, 'ERR_MISSING_DATA'],
      [{ data: 'x' }, 'ERR_MISSING_PARTITION_KEY'],
      ['x', 'ERR_INVALID_ARG_TYPE']
    ] as const) {
      expect(() => aggregator.push(record as never)).toThrow(expect.objectContaining({ code }))
    }
    expect(() => aggregator.updateShards(evenly(2) as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' })
    )
    const [encoded, ...none] = aggregator.flush()
    expect(none).toEqual([])
    expect(deaggregateSync({ Data: encoded!.data }).map(({ data }) => data.toString())).toEqual(['kept'])
  })

  it('remembers no more keys than it says, and routes right after it forgot', () => {
    const shards = evenly(3)
    const map = new ShardMap(shards)
    const aggregator = new ShardedAggregator(map, { maxSize: 51_200 })
    const keys = Array.from({ length: 20_000 }, (_, i) => `key-${i % 15_000}`)
    const encoded = [
      ...keys.flatMap(partitionKey => aggregator.push({ partitionKey, data: 'x' }) ?? []),
      ...aggregator.flush()
    ]
    expect(encoded.flatMap(one => asKcl(route(shards, one), one))).toHaveLength(keys.length)
  })
})

describe('hashKeyRange', () => {
  it('keeps exactly the records inside', () => {
    fc.assert(
      fc.property(
        fc.array(userRecord, { minLength: 1, maxLength: 50 }),
        hashKey,
        hashKey,
        (records, a, b) => {
          const [startingHashKey, endingHashKey] = a < b ? [a, b] : [b, a]
          const aggregator = new RecordAggregator()
          for (const record of records) aggregator.push(record)
          const Data = aggregator.flush()!.data
          for (const hashKeyRange of [
            { startingHashKey, endingHashKey },
            { startingHashKey: String(startingHashKey), endingHashKey: String(endingHashKey) }
          ]) {
            const kept = deaggregateSync({ Data }, { hashKeyRange }).map(
              ({ subSequenceNumber }) => subSequenceNumber
            )
            const inside = records.flatMap(({ partitionKey, explicitHashKey }, i) => {
              const key = hashKeyOf(partitionKey, explicitHashKey)
              return key >= startingHashKey && key <= endingHashKey ? [i] : []
            })
            expect(kept).toEqual(inside)
          }
        }
      )
    )
  })

  it('keeps plain records, of which only Kinesis knows where they belong', () => {
    const record = { Data: Buffer.from('plain'), PartitionKey: 'a' }
    expect(
      deaggregateSync(record, { hashKeyRange: { startingHashKey: '0', endingHashKey: '0' } })
    ).toHaveLength(1)
  })

  it('takes a range of a shard map', () => {
    const map = new ShardMap(evenly(2))
    const aggregator = new RecordAggregator()
    for (let i = 0; i < 50; i++) aggregator.push({ partitionKey: `k${i}`, data: '' })
    const record = { Data: aggregator.flush()!.data }
    const counts = map.shards.map(hashKeyRange => deaggregateSync(record, { hashKeyRange }).length)
    expect(counts[0]! + counts[1]!).toBe(50)
    expect(counts[0]).toBeGreaterThan(0)
    expect(counts[1]).toBeGreaterThan(0)
  })

  it.each([
    [{ startingHashKey: '5', endingHashKey: '4' }, 'ERR_INVALID_HASH_KEY'],
    [{ startingHashKey: '-1', endingHashKey: '4' }, 'ERR_INVALID_HASH_KEY'],
    [{ startingHashKey: 0, endingHashKey: '4' }, 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_INVALID_ARG_TYPE']
  ])('refuses the range %j', (hashKeyRange, code) => {
    expect(() => deaggregateSync([], { hashKeyRange: hashKeyRange as never })).toThrow(
      expect.objectContaining({ code })
    )
  })

  it('names the user record whose explicit hash key is none', () => {
    const aggregator = new RecordAggregator()
    aggregator.addUserRecord({ partitionKey: 'a', data: 'x', explicitHashKey: 'none' })
    const record = { Data: aggregator.flush()!.data, SequenceNumber: '7' }
    const hashKeyRange = { startingHashKey: '0', endingHashKey: '4' }
    expect(() => deaggregateSync(record, { hashKeyRange })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_HASH_KEY', sequenceNumber: '7', record })
    )
  })
})
