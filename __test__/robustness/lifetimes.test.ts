import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import {
  RecordAggregator,
  aggregate,
  deaggregate,
  deaggregateSync,
  isAggregated,
  iterateUserRecords,
  type KinesisRecordInput,
  type DeaggregatedRecord,
  type UserRecordInput
} from 'kinesis-agg'
import { lambda } from '../support/inputs'
import { Random } from '../support/random'
import { seen, thrownBy } from '../support/seen'
import { encodeByHand, md5 } from '../support/wire'

const random = new Random(7)

const someRecords = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    partitionKey: `key ${i % 7}`,
    explicitHashKey: i % 3 === 0 ? String(i) : undefined,
    data: random.bytes(random.below(60))
  }))

/** Nothing is left over from what went before: a round trip in both forms gives what went in. */
function stillWorks(): void {
  const records = someRecords(20)
  const [encoded] = aggregate(records)
  expect(encoded!.data.equals(encodeByHand(records))).toBe(true)
  expect(seen(deaggregateSync(lambda(encoded!.data.toString('base64'))))).toEqual(seen(records))
  let found: unknown
  deaggregateSync(lambda(encoded!.data), true, (_, list) => (found = list.map(one => one.data)))
  expect(found).toEqual(records.map(one => one.data.toString('base64')))
}

const resizable = (length: number, maxByteLength: number): ArrayBuffer & { resize(length: number): void } =>
  // The typings of ES2023 do not know it.
  Reflect.construct(ArrayBuffer, [length, { maxByteLength }])

function detach(memory: ArrayBufferLike): void {
  structuredClone(memory, { transfer: [memory as ArrayBuffer] })
}

/** A copy in memory of its own, which can be detached. */
const owned = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

const RECORDS = [
  { partitionKey: 'a', data: Buffer.from('first') },
  { partitionKey: 'b', data: Buffer.from('second') }
]
const GOOD = encodeByHand(RECORDS)

describe('what was handed out stays as it was', () => {
  it('while scratch is used again and again, and after everything else was collected', () => {
    const kept: { records: DeaggregatedRecord[]; expected: string }[] = []
    const keptText: { list: string[]; expected: string }[] = []
    const digest = (parts: Uint8Array[]) => md5(Buffer.concat(parts)).toString('hex')
    for (let i = 0; i < 60; i++) {
      // Of all sizes, so that scratch grows and is given back.
      const records = someRecords(i % 10 === 0 ? 5000 : 30)
      const expected = digest(records.map(one => one.data))
      const data = encodeByHand(records)
      const form = [data, data.toString('base64'), owned(data)][i % 3]
      kept.push({ records: deaggregateSync([lambda(form), lambda(form)]).slice(0, records.length), expected })
      const list: string[] = []
      deaggregate(
        lambda(form),
        true,
        (_, one) => list.push(one.data as string),
        () => {}
      )
      keptText.push({ list, expected })
      if (i % 20 === 19) gc!()
    }
    for (const { records, expected } of kept) expect(digest(records.map(one => one.data))).toBe(expected)
    for (const { list, expected } of keptText) {
      expect(digest(list.map(text => Buffer.from(text, 'base64')))).toBe(expected)
    }
  })

  it('of base64, even if the views are written to', () => {
    const text = GOOD.toString('base64')
    for (const { data } of deaggregateSync(lambda(text))) data.fill(0)
    expect(seen(deaggregateSync(lambda(text)))).toEqual(
      seen(RECORDS.map(one => ({ explicitHashKey: undefined, ...one })))
    )
  })

  it('of an aggregator, whatever comes next', () => {
    const aggregator = new RecordAggregator({ maxSize: 200 })
    const encoded: Buffer[] = []
    const copies: Buffer[] = []
    for (const record of someRecords(500)) {
      const full = aggregator.push(record)
      if (full === undefined) continue
      encoded.push(full.data)
      copies.push(Buffer.from(full.data))
    }
    expect(encoded.length).toBeGreaterThan(50)
    expect(encoded).toEqual(copies)
  })
})

describe('memory that is gone', () => {
  const views: Record<string, (memory: ArrayBuffer) => unknown> = {
    'a Buffer': memory => Buffer.from(memory),
    'a Uint8Array': memory => new Uint8Array(memory),
    'a Uint16Array': memory => new Uint16Array(memory, 0, 10),
    'a DataView': memory => new DataView(memory),
    'an ArrayBuffer': memory => memory
  }
  const uses: Record<string, (data: never) => unknown> = {
    deaggregateSync: data => deaggregateSync(lambda(data)),
    'deaggregateSync of two': data => deaggregateSync([lambda(GOOD), lambda(data)]),
    'deaggregateSync with a callback': data => deaggregateSync(lambda(data), true, () => {}),
    isAggregated: data => isAggregated(lambda(data)),
    aggregate: data => aggregate([{ partitionKey: 'a', data }]),
    'an aggregator': data => new RecordAggregator().push({ partitionKey: 'a', data })
  }

  describe.each(Object.entries(uses))('%s', (_, use) => {
    it.each(Object.entries(views))('detached: %s', (__, make) => {
      const { buffer } = owned(GOOD)
      const data = make(buffer)
      detach(buffer)
      expect(thrownBy(() => use(data as never))).toMatchObject({
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE'
      })
      stillWorks()
    })

    it.each(['a Buffer', 'a Uint8Array', 'a Uint16Array', 'a DataView'])('shrunk below %s', name => {
      const memory = resizable(GOOD.length, 1000)
      new Uint8Array(memory).set(GOOD)
      // Of a length of its own.
      const data =
        name === 'a Uint8Array'
          ? new Uint8Array(memory, 0, GOOD.length)
          : name === 'a DataView'
            ? new DataView(memory, 0, GOOD.length)
            : name === 'a Buffer'
              ? Buffer.from(memory, 0, GOOD.length)
              : views[name]!(memory)
      memory.resize(5)
      expect(thrownBy(() => use(data as never))).toMatchObject({
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE'
      })
      stillWorks()
    })
  })

  it('a view that follows its memory is read as long as it is now', () => {
    const memory = resizable(10, 1000)
    const data = new Uint8Array(memory)
    memory.resize(GOOD.length)
    data.set(GOOD)
    expect(deaggregateSync(lambda(data))).toHaveLength(2)
    memory.resize(GOOD.length - 1)
    expect(thrownBy(() => deaggregateSync(lambda(data)))).toMatchObject({ code: 'ERR_INVALID_CHECKSUM' })
    memory.resize(3)
    expect(deaggregateSync(lambda(data))).toMatchObject([{ aggregated: false, data: GOOD.subarray(0, 3) }])
    expect(deaggregateSync(aggregate([{ partitionKey: 'a', data }]))[0]!.data).toEqual(GOOD.subarray(0, 3))
  })

  /** Takes the memory of an earlier record away, in all ways, when a later record of the batch is read. */
  const away: Record<string, (memory: ArrayBuffer & { resize(length: number): void }) => void> = {
    detached: detach,
    'shrunk to nothing': memory => memory.resize(0),
    'shrunk to a part': memory => memory.resize(20),
    overwritten: memory => new Uint8Array(memory).fill(0)
  }

  it.each(Object.entries(away))('half-way: %s by the getter of a later record', (_, take) => {
    for (const others of [0, 1, 30]) {
      const memory = resizable(GOOD.length, 1000)
      new Uint8Array(memory).set(GOOD)
      const taking = {
        ...lambda(undefined),
        get data() {
          take(memory)
          return GOOD
        }
      }
      const batch = [
        lambda(new Uint8Array(memory)),
        ...Array.from({ length: others }, () => lambda(GOOD)),
        taking
      ]
      // Nothing is dropped silently.
      expect(thrownBy(() => deaggregateSync(batch))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
      stillWorks()
    }
  })

  it('grown half-way, it is still the same record', () => {
    const memory = resizable(GOOD.length, 1000)
    new Uint8Array(memory).set(GOOD)
    const growing = {
      ...lambda(undefined),
      get data() {
        memory.resize(900)
        return GOOD
      }
    }
    expect(deaggregateSync([lambda(new Uint8Array(memory)), growing])).toHaveLength(4)
  })
})

describe('shared memory that another thread writes to all the time', () => {
  it('gives records or a documented error, and nothing outside of it', async () => {
    const big = encodeByHand(someRecords(300))
    const shared = new SharedArrayBuffer(big.length)
    const bytes = new Uint8Array(shared)
    const original = new SharedArrayBuffer(big.length)
    new Uint8Array(original).set(big)
    const stop = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(
      `const { workerData: { shared, original, stop } } = require('node:worker_threads')
       const [bytes, good] = [new Uint8Array(shared), new Uint8Array(original)]
       while (Atomics.load(stop, 0) === 0) {
         bytes.set(good)
         for (let i = 0; i < 50; i++) bytes[4 + Math.floor(Math.random() * (bytes.length - 4))] = Math.random() * 256
       }`,
      { eval: true, workerData: { shared, original, stop } }
    )
    await once(worker, 'online')
    const outcomes = new Map<unknown, number>()
    const count = (outcome: unknown) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    bytes.set(big)
    // Rounds, not seconds; but as many as it takes for both outcomes.
    for (let i = 0; i < 20_000 && (i < 300 || outcomes.size < 2); i++) {
      try {
        for (const { data, partitionKey } of deaggregateSync([lambda(bytes), lambda(bytes)], {
          computeChecksums: false
        })) {
          expect(typeof partitionKey).toBe('string')
          expect(data.buffer).toBe(shared)
          expect(data.byteOffset + data.length).toBeLessThanOrEqual(shared.byteLength)
        }
        count('records')
      } catch (error) {
        count((error as { code: unknown }).code)
      }
      deaggregateSync(lambda(bytes), false, (error, list) => {
        count((error as { code?: unknown } | undefined)?.code ?? 'records')
        for (const { data } of list) expect(typeof data).toBe('string')
      })
      const [encoded] = aggregate([{ partitionKey: 'k', data: bytes }])
      // What was copied is sealed as it was copied.
      expect(deaggregateSync(encoded!)[0]!.data).toHaveLength(bytes.length)
    }
    Atomics.store(stop, 0, 1)
    await once(worker, 'exit')
    expect([...outcomes.keys()].toSorted()).toEqual(['ERR_MALFORMED_RECORD', 'records'])
    stillWorks()
  })
})

describe('records that run code', () => {
  /** An object that tells of each property that is read, by a getter and by a proxy. */
  const watched: Record<string, (target: object, seen: (name: PropertyKey) => void) => object> = {
    'a proxy': (target, told) =>
      new Proxy(target, {
        get(object, name) {
          told(name)
          return Reflect.get(object, name) as unknown
        }
      }),
    getters: (target, told) =>
      Object.defineProperties(
        {},
        Object.fromEntries(
          Object.entries(target).map(([name, value]) => [
            name,
            {
              enumerable: true,
              get() {
                told(name)
                return value as unknown
              }
            }
          ])
        )
      )
  }

  const kinesis = lambda(GOOD)
  const takenApart: Record<string, (record: KinesisRecordInput) => unknown> = {
    deaggregateSync: record => deaggregateSync(record),
    'deaggregateSync of many': record => deaggregateSync([lambda(GOOD), record, lambda(GOOD)]),
    'deaggregateSync with a callback': record => deaggregateSync(record, true, () => {}),
    deaggregate: record =>
      deaggregate(
        record,
        true,
        () => {},
        () => {}
      ),
    isAggregated: record => isAggregated(record),
    iterateUserRecords: record => [...iterateUserRecords([record])]
  }
  const userRecord = { partitionKey: 'a', explicitHashKey: '1', data: Buffer.from('data') }
  const putTogether: Record<string, (record: UserRecordInput) => unknown> = {
    aggregate: record => aggregate([userRecord, record]),
    push: record => new RecordAggregator().push(record),
    addUserRecord: record => new RecordAggregator().addUserRecord(record)
  }
  const uses = [
    ...Object.entries(takenApart).map(([name, use]) => ({ name, use, target: kinesis })),
    ...Object.entries(putTogether).map(([name, use]) => ({ name, use, target: userRecord }))
  ] as { name: string; use: (record: object) => unknown; target: object }[]

  describe.each(Object.entries(watched))('%s', (_, watch) => {
    it.each(uses)('$name reads each property once, so that none can change in between', ({ use, target }) => {
      const read: PropertyKey[] = []
      use(watch(target, name => read.push(name)))
      expect(read).toContain('data')
      expect(read).toEqual([...new Set(read)])
    })

    it.each(uses)('$name passes on what one throws, and is as before', ({ use, target }) => {
      const read: PropertyKey[] = []
      use(watch(target, name => read.push(name)))
      for (const bad of read) {
        const thrown = new Error('on purpose')
        const record = watch(target, name => {
          if (name === bad) throw thrown
        })
        expect(thrownBy(() => use(record))).toBe(thrown)
        stillWorks()
      }
    })

    it.each(uses)('$name may be called again from one', ({ use, target }) => {
      let depth = 0
      const nested = (): object =>
        watch(target, () => {
          if (depth >= 3) return
          depth++
          use(nested())
          stillWorks()
          depth--
        })
      expect(use(nested())).toEqual(use(target))
      stillWorks()
    })
  })

  it('an aggregator keeps what it had when one throws', () => {
    const aggregator = new RecordAggregator()
    aggregator.push(userRecord)
    const bad = {
      partitionKey: 'new key',
      get data(): Buffer {
        throw new Error('on purpose')
      }
    }
    for (const use of [
      () => aggregator.push(bad),
      () => aggregator.addUserRecord(bad),
      () => aggregator.calculateUserRecordSize(bad),
      () => aggregator.checkIfUserRecordFits(bad)
    ]) {
      expect(thrownBy(use).message).toBe('on purpose')
    }
    aggregator.aggregateRecords([bad, userRecord], false, () => {})
    expect(aggregator.length()).toBe(2)
    expect(seen(deaggregateSync(aggregator.flush()!))).toEqual(seen([userRecord, userRecord]))
  })

  it('a record that fills its own aggregator half-way loses none', () => {
    const aggregator = new RecordAggregator({ maxSize: 60 })
    const out: Buffer[] = []
    const keep = (full: { data: Buffer } | undefined) => full && out.push(full.data)
    const filling = {
      partitionKey: 'outer',
      get data() {
        keep(aggregator.push({ partitionKey: 'inner', data: 'inner data' }))
        return 'outer data'
      }
    }
    for (let i = 0; i < 5; i++) keep(aggregator.push(filling))
    keep(aggregator.flush())
    const back = out
      .flatMap(data => deaggregateSync(lambda(data)))
      .map(one => `${one.partitionKey}: ${String(one.data)}`)
    expect(back).toEqual(Array.from({ length: 5 }, () => ['inner: inner data', 'outer: outer data']).flat())
  })

  it('a Buffer that lies about itself does no harm to others', () => {
    const lies: [string, unknown][] = [
      ['length', 1],
      ['length', 0],
      ['length', 5_000_000],
      ['length', -1],
      ['length', Number.NaN],
      ['byteLength', 1_000_000],
      ['byteOffset', 1_000_000],
      ['buffer', new ArrayBuffer(1)],
      ['buffer', undefined]
    ]
    for (const [name, value] of lies) {
      const liar = () => Object.defineProperty(Buffer.from(GOOD), name, { value })
      for (const use of [
        () => deaggregateSync(lambda(liar())),
        () => deaggregateSync([lambda(liar()), lambda(GOOD), lambda(liar())]),
        () => deaggregateSync(lambda(liar()), true, () => {}),
        () => aggregate([{ partitionKey: 'a', data: liar() }])
      ]) {
        try {
          use()
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
        stillWorks()
      }
    }
  })
})

describe('callbacks', () => {
  const inner = encodeByHand(someRecords(50))
  const outer = encodeByHand(someRecords(50))
  const listOf = (data: Buffer): unknown[] => {
    const list: unknown[] = []
    deaggregate(
      lambda(data),
      true,
      (_, one) => list.push({ ...one }),
      () => {}
    )
    return list
  }

  it.each(['bytes', 'base64'])('may call back in: %s', form => {
    const data = form === 'bytes' ? outer : outer.toString('base64')
    const expected = listOf(outer)
    const list: unknown[] = []
    deaggregate(
      lambda(data),
      true,
      (_, one) => {
        list.push({ ...one })
        expect(listOf(inner)).toHaveLength(50)
        stillWorks()
      },
      stillWorks
    )
    expect(list).toEqual(expected)
    deaggregateSync(lambda(data), true, (_, records) => {
      stillWorks()
      expect(records).toEqual(expected)
    })
  })

  it('may throw', () => {
    const fails = () => {
      throw new Error('on purpose')
    }
    expect(thrownBy(() => deaggregateSync(lambda(outer), true, fails)).message).toBe('on purpose')
    expect(thrownBy(() => deaggregate(lambda(outer), true, () => {}, fails)).message).toBe('on purpose')
    const told: unknown[] = []
    deaggregate(lambda(outer), true, fails, error => told.push(error))
    expect(told).toMatchObject([{ message: 'on purpose' }])
    const aggregator = new RecordAggregator({ maxSize: 200, onReady: fails })
    expect(thrownBy(() => aggregator.aggregateRecords(someRecords(50))).message).toBe('on purpose')
    aggregator.clearRecords()
    aggregator.push({ partitionKey: 'a', data: 'b' })
    expect(deaggregateSync(aggregator.flush()!)).toMatchObject([
      { partitionKey: 'a', data: Buffer.from('b') }
    ])
    stillWorks()
  })

  it('of an aggregator may use it', () => {
    const records = someRecords(60)
    const out: Buffer[] = []
    let more = 5
    const aggregator = new RecordAggregator({ maxSize: 250 })
    aggregator.aggregateRecords(records, true, (error, encoded) => {
      expect(error).toBeNull()
      out.push(encoded!.data)
      if (more-- > 0) aggregator.addUserRecord({ partitionKey: 'more', data: 'more' })
    })
    const back = out.flatMap(data => deaggregateSync(lambda(data)))
    expect(seen(back.filter(one => one.partitionKey !== 'more'))).toEqual(seen(records))
    expect(back.filter(one => one.partitionKey === 'more')).toHaveLength(5)
  })

  it('a lazy iteration that is left half-way leaves nothing behind', () => {
    const iterator = iterateUserRecords([lambda(outer), lambda(inner)])
    iterator.next()
    stillWorks()
    expect(iterator.return!()).toMatchObject({ done: true })
    expect(iterator.next()).toMatchObject({ done: true })
  })
})
