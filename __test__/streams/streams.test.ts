import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Readable, type Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  KinesisAggError,
  aggregate,
  aggregateStream,
  type AggregateStreamOptions,
  deaggregateStream,
  deaggregateSync,
  type EncodedRecord,
  type KinesisRecordInput,
  type DeaggregatedRecord,
  type UserRecordInput
} from 'kinesis-agg'

const run = promisify(execFile)

const makeRecords = (count: number, bytes = 100): UserRecordInput[] =>
  Array.from({ length: count }, (_, i) => ({ partitionKey: `key-${i % 7}`, data: `${i}`.padEnd(bytes, '.') }))

const toKinesis = (encoded: EncodedRecord[]): KinesisRecordInput[] =>
  encoded.map(({ data, partitionKey }, i) => ({
    Data: data,
    PartitionKey: partitionKey,
    SequenceNumber: `${i}`
  }))

/** Compared as text: to compare a Buffer takes vitest a second per MB. */
const textOf = (records: EncodedRecord[]): object[] =>
  records.map(({ data, ...rest }) => ({ ...rest, data: data.toString('base64') }))

const toInputs = (records: DeaggregatedRecord[]): UserRecordInput[] =>
  records.map(({ partitionKey, data }) => ({ partitionKey, data: data.toString() }))

async function readAll<T>(stream: AsyncIterable<unknown>): Promise<T[]> {
  const all: T[] = []
  for await (const one of stream) all.push(one as T)
  return all
}

const rejectionOf = async (promise: Promise<unknown>): Promise<Error & { code?: string; record?: unknown }> =>
  promise.then(
    () => expect.unreachable(),
    (error: Error) => error
  )

const faked = (options?: AggregateStreamOptions): [Transform, EncodedRecord[]] => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  const stream = aggregateStream(options)
  const encoded: EncodedRecord[] = []
  stream.on('data', record => encoded.push(record))
  return [stream, encoded]
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('aggregateStream', () => {
  it('gives what aggregate gives', async () => {
    const records = makeRecords(5000)
    const options = { maxSize: 51_200 }
    const encoded = await readAll<EncodedRecord>(Readable.from(records).pipe(aggregateStream(options)))
    expect(textOf(encoded)).toEqual(textOf(aggregate(records, options)))
  })

  it('gives nothing for nothing', async () => {
    expect(await readAll(Readable.from([]).pipe(aggregateStream()))).toEqual([])
  })

  it('gives a partial aggregate after lingerMs, and again', async () => {
    const stream = aggregateStream({ lingerMs: 20 })
    const encoded: EncodedRecord[] = []
    stream.on('data', record => encoded.push(record))
    for (const round of [1, 2]) {
      stream.write({ partitionKey: 'a', data: `first of round ${round}` })
      stream.write({ partitionKey: 'b', data: `second of round ${round}` })
      expect(encoded).toHaveLength(round - 1)
      await once(stream, 'data')
    }
    stream.end()
    await once(stream, 'end')
    expect(toInputs(deaggregateSync(toKinesis(encoded)))).toEqual([
      { partitionKey: 'a', data: 'first of round 1' },
      { partitionKey: 'b', data: 'second of round 1' },
      { partitionKey: 'a', data: 'first of round 2' },
      { partitionKey: 'b', data: 'second of round 2' }
    ])
    expect(encoded).toHaveLength(2)
  })

  describe('on a fake clock', () => {
    afterEach(() => {
      vi.useRealTimers()
    })

    it('counts from the first record of an aggregate: later ones do not put it off', async () => {
      const [stream, encoded] = faked({ lingerMs: 100 })
      const ages: number[] = []
      let first: number | undefined
      stream.on('data', () => {
        ages.push(Date.now() - first!)
        first = undefined
      })
      for (let i = 0; i < 50; i++) {
        first ??= Date.now()
        stream.write({ partitionKey: 'a', data: 'x' })
        await turn()
        await vi.advanceTimersByTimeAsync(60)
      }
      expect(encoded.length).toBeGreaterThan(20)
      for (const age of ages) expect(age).toBe(100)
    })

    it('counts anew for the record that did not fit', async () => {
      const [stream, encoded] = faked({ lingerMs: 100, maxSize: 2000 })
      for (const record of makeRecords(2, 900)) stream.write(record)
      await vi.advanceTimersByTimeAsync(60)
      stream.write(makeRecords(1, 900)[0]!)
      await turn()
      expect(encoded).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(99)
      expect(encoded).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(1)
      expect(encoded).toHaveLength(2)
    })

    it('sets no timer without the option', async () => {
      const [stream] = faked()
      stream.write({ partitionKey: 'a', data: 'x' })
      await turn()
      expect(vi.getTimerCount()).toBe(0)
    })

    it('leaves no timer behind when it ends or is destroyed', async () => {
      for (const stop of [(stream: Transform) => stream.end(), (stream: Transform) => stream.destroy()]) {
        const [stream] = faked({ lingerMs: 1000 })
        stream.write({ partitionKey: 'a', data: 'x' })
        await turn()
        expect(vi.getTimerCount()).toBe(1)
        stop(stream)
        await turn()
        expect(vi.getTimerCount()).toBe(0)
      }
    })

    it('gives no more while its reader stalls, and forgets nothing when it goes on', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const stream = aggregateStream({ lingerMs: 1000, maxSize: 2000 })
      for (const record of makeRecords(60, 900)) stream.write(record)
      await turn()
      expect(stream.readableLength).toBe(1)
      vi.advanceTimersByTime(60_000)
      expect(stream.readableLength).toBe(1)
      const encoded: EncodedRecord[] = []
      stream.on('data', record => encoded.push(record))
      await turn()
      vi.advanceTimersByTime(2000)
      await turn()
      // Two user records fit into each; the last two came by the timer, as the stream is still open.
      expect(encoded.map(record => deaggregateSync(toKinesis([record])).length)).toEqual(Array(30).fill(2))
    })
  })

  it('holds the writer back while nobody reads', async () => {
    const stream = aggregateStream({ maxSize: 51_200, lingerMs: 1 })
    let written = 0
    let mayWrite = true
    for (; mayWrite && written < 200; written++) {
      mayWrite = stream.write({ partitionKey: 'a', data: Buffer.alloc(40_000) })
      await new Promise(resolve => setTimeout(resolve, 3))
    }
    expect(mayWrite).toBe(false)
    expect(written).toBeLessThan(30)
    expect(stream.readableLength).toBeLessThanOrEqual(2)
    let drained = false
    stream.once('drain', () => {
      drained = true
    })
    await new Promise(resolve => setTimeout(resolve, 10))
    expect(drained).toBe(false)
    let count = 0
    stream.on('data', record => {
      count += deaggregateSync(toKinesis([record])).length
    })
    await once(stream, 'drain')
    stream.end()
    await once(stream, 'end')
    expect(count).toBe(written)
  })

  it('gives a stalled reader what is due as soon as it reads again', async () => {
    const stream = aggregateStream({ lingerMs: 5 })
    const ten = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 20))
    for (const data of ['1', '2', '3']) {
      stream.write({ partitionKey: 'a', data })
      await ten()
    }
    expect(stream.readableLength).toBe(1)
    const first = stream.read() as EncodedRecord
    const second = stream.read() as EncodedRecord
    expect([first, second].map(record => toInputs(deaggregateSync(toKinesis([record]))))).toEqual([
      [{ partitionKey: 'a', data: '1' }],
      [
        { partitionKey: 'a', data: '2' },
        { partitionKey: 'a', data: '3' }
      ]
    ])
    stream.destroy()
  })

  it('ends as usual if an aggregate was due while its reader stalled', async () => {
    const stream = aggregateStream({ lingerMs: 1, maxSize: 200 })
    const texts = Array.from({ length: 2 }, (_, i) => String(i).padEnd(90))
    for (const data of texts) stream.write({ partitionKey: 'a', data })
    // One aggregate waits for the reader, and the time of the next is up.
    await sleep(30)
    expect(stream.readableLength).toBe(1)
    stream.end()
    const encoded = await stream.toArray()
    expect(deaggregateSync(encoded as never).map(({ data }) => data.toString())).toEqual(texts)
  })

  it('does not keep the process running', async () => {
    const code = `const { aggregateStream } = require('./dist/index.js')
      const stream = aggregateStream({ lingerMs: 600_000 })
      stream.write({ partitionKey: 'a', data: 'x' })
      stream.resume()`
    await run(process.execPath, ['-e', code], { cwd: join(__dirname, '..', '..'), timeout: 100_000 })
  })

  it.each<[string, unknown, string]>([
    ['too large', { partitionKey: 'a', data: Buffer.alloc(60_000) }, 'ERR_RECORD_TOO_LARGE'],
    ['without data', { partitionKey: 'a' }, 'ERR_MISSING_DATA'],
    ['without a key', { data: 'x' }, 'ERR_MISSING_PARTITION_KEY'],
    ['with a number for data', { partitionKey: 'a', data: 7 }, 'ERR_INVALID_ARG_TYPE'],
    ['that is text', 'x', 'ERR_INVALID_ARG_TYPE']
  ])('is destroyed by a record %s, which the error carries', async (_name, bad, code) => {
    const stream = aggregateStream({ maxSize: 51_200 })
    const source = Readable.from([
      { partitionKey: 'a', data: 'good' },
      bad,
      { partitionKey: 'a', data: 'late' }
    ])
    const error = await rejectionOf(pipeline(source, stream, readAll))
    expect(error).toMatchObject({ code })
    expect(error.record).toBe(bad)
    expect(stream.destroyed).toBe(true)
  })

  it.each([0, -1, Number.NaN, Infinity, 2 ** 31, '5', null])('refuses lingerMs %j', lingerMs => {
    expect(() => aggregateStream({ lingerMs: lingerMs as number })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' })
    )
  })

  it('refuses wrong options at once', () => {
    expect(() => aggregateStream({ maxSize: 0 })).toThrow('options.maxSize must be')
    expect(() => deaggregateStream({ onInvalid: 'skip' as 'throw' })).toThrow('options.onInvalid must be')
  })
})

const positionOf = ({ sequenceNumber, subSequenceNumber }: DeaggregatedRecord): string =>
  `${sequenceNumber}:${subSequenceNumber}`

describe('deaggregateStream', () => {
  const records = makeRecords(3000)
  const encoded = aggregate(records, { maxSize: 5000 })

  it('gives the user records of each record, in order, by pipe, pipeline and for await', async () => {
    const expected = deaggregateSync(toKinesis(encoded)).map(positionOf)
    const piped = await readAll<DeaggregatedRecord>(
      Readable.from(toKinesis(encoded)).pipe(deaggregateStream())
    )
    expect(toInputs(piped)).toEqual(records)
    expect(piped.map(positionOf)).toEqual(expected)
    const collected: DeaggregatedRecord[] = []
    await pipeline(
      toKinesis(encoded),
      deaggregateStream(),
      new Writable({
        objectMode: true,
        write(record, _encoding, callback) {
          collected.push(record)
          callback()
        }
      })
    )
    expect(toInputs(collected)).toEqual(records)
    expect(collected.map(positionOf)).toEqual(expected)
  })

  it('goes with aggregateStream, both ways', async () => {
    const back: DeaggregatedRecord[] = []
    await pipeline(
      Readable.from(records),
      aggregateStream({ maxSize: 20_000 }),
      async function* (source: AsyncIterable<EncodedRecord>) {
        for await (const { data } of source) yield { data }
      },
      deaggregateStream(),
      async (source: AsyncIterable<DeaggregatedRecord>) => {
        for await (const record of source) back.push(record)
      }
    )
    expect(toInputs(back)).toEqual(records)
  })

  it('waits for its reader', async () => {
    let read = 0
    function* source(): Iterable<KinesisRecordInput> {
      for (const record of toKinesis(encoded)) {
        read++
        yield record
      }
    }
    const stream = Readable.from(source(), { highWaterMark: 1 }).pipe(deaggregateStream())
    await new Promise(resolve => setTimeout(resolve, 30))
    // One is decoded, the writable side holds its highWaterMark of 16, the source one or two.
    expect(encoded.length).toBeGreaterThan(50)
    expect(read).toBeLessThanOrEqual(19)
    expect(await readAll(stream)).toHaveLength(records.length)
  })

  it('is destroyed by a damaged record, after those before it were given', async () => {
    const inputs = toKinesis(encoded.slice(0, 3))
    const bytes = Buffer.from(encoded[1]!.data)
    bytes[40]! ^= 1
    inputs[1] = { Data: bytes, SequenceNumber: '1', PartitionKey: 'x' }
    const before = deaggregateSync(inputs[0]!).length
    const given: DeaggregatedRecord[] = []
    const stream = deaggregateStream()
    const sink = async (source: AsyncIterable<DeaggregatedRecord>): Promise<void> => {
      for await (const record of source) given.push(record)
    }
    const source = (async function* (): AsyncIterable<KinesisRecordInput> {
      yield inputs[0]!
      await vi.waitFor(() => expect(given).toHaveLength(before), 20_000)
      yield inputs[1]!
      yield inputs[2]!
    })()
    const error = await rejectionOf(pipeline(source, stream, sink))
    expect(error).toBeInstanceOf(KinesisAggError)
    expect(error).toMatchObject({ code: 'ERR_INVALID_CHECKSUM', sequenceNumber: '1' })
    expect(error.record).toBe(inputs[1])
    expect(given).toHaveLength(before)
    expect(stream.destroyed).toBe(true)
  })

  it('hands a damaged record on under passthrough', async () => {
    const bytes = Buffer.from(encoded[0]!.data)
    bytes[40]! ^= 1
    const given = await readAll<DeaggregatedRecord>(
      Readable.from([{ Data: bytes, PartitionKey: 'x' }]).pipe(
        deaggregateStream({ onInvalid: 'passthrough' })
      )
    )
    expect(given.map(({ aggregated, data }) => [aggregated, data.equals(bytes)])).toEqual([[false, true]])
  })

  it('names what is no record', async () => {
    const bad = { partitionKey: 'no data' }
    const error = await rejectionOf(pipeline([bad], deaggregateStream(), readAll))
    expect(error).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' })
    expect(error.record).toBe(bad)
  })

  it('stops when its reader leaves', async () => {
    const stream = Readable.from(toKinesis(encoded)).pipe(deaggregateStream())
    for await (const record of stream) {
      expect((record as DeaggregatedRecord).subSequenceNumber).toBe(0)
      break
    }
    expect(stream.destroyed).toBe(true)
  })
})

describe('both', () => {
  it('keep memory flat before a slow sink', async () => {
    // The same with 1024 for a GiB.
    const measure = async () => {
      const { stdout } = await run(process.execPath, [
        join(__dirname, '..', 'support', 'stream-memory.mjs'),
        '192'
      ])
      return JSON.parse(stdout) as Record<string, number>
    }
    let { encodedRecords, userRecords, inFlightMiB, rssGrowthMiB } = await measure()
    expect(userRecords).toBe((192 * 1024) / 4)
    expect(encodedRecords).toBeGreaterThan(190)
    // 16 Kinesis records may wait before deaggregateStream.
    expect(inFlightMiB).toBeLessThan(32)
    // Now and then the garbage collector runs late; memory that is really held is there every time.
    if (rssGrowthMiB! >= 128) ({ rssGrowthMiB } = await measure())
    expect(rssGrowthMiB).toBeLessThan(128)
  })

  it('load node:stream only when they are used', async () => {
    const code = `const Module = require('node:module')
      const load = Module._load
      Module._load = function (name, ...rest) {
        if (name === 'node:stream') console.log('loaded')
        return load.call(this, name, ...rest)
      }
      const { deaggregateStream } = require('./dist/index.js')
      console.log('required')
      deaggregateStream()`
    const { stdout } = await run(process.execPath, ['-e', code], { cwd: join(__dirname, '..', '..') })
    expect(stdout).toBe('required\nloaded\n')
  })
})
