import { describe, expect, it, vi } from 'vitest'
import { type DeaggregatedRecord, type KinesisStreamRecord, ResumeMemory } from 'kinesis-agg'
import { type Forwarded, type KinesisProducer, forwardEvent } from 'kinesis-agg/producer'
import { refuse, target } from '../../support/forward'
import { Random } from '../../support/random'
import {
  aggregated,
  eventOf,
  failedAt,
  numbers,
  plain,
  refused,
  text,
  turns
} from '../../support/stream-event'

const onFailure = (): void => {}

/**
 * Two attempts at an event, the first of which stores all but the first record.
 *
 * @param to the key under which a record is put
 * @returns what the second one maps
 */
async function again(
  records: KinesisStreamRecord[],
  to: (text: string) => string | undefined
): Promise<string[]> {
  const { producer, kinesis, stored } = target({ aggregation: false, ordering: 'none' })
  const resume = new ResumeMemory()
  const first = Buffer.from(records[0]!.kinesis.data as string, 'base64').toString()
  let refusals = 0
  refuse(kinesis, each => each === first && refusals++ === 0)
  const mapped: string[] = []
  const map = (record: DeaggregatedRecord): Forwarded => {
    mapped.push(text(record))
    return { partitionKey: to(text(record)) ?? record.partitionKey, data: record.data }
  }
  expect(await forwardEvent(eventOf(...records), producer, map, { resume, onFailure })).toEqual(failedAt(0))
  expect(stored()).toHaveLength(records.length - 1)
  mapped.length = 0
  expect(await forwardEvent(eventOf(...records), producer, map, { resume, onFailure })).toEqual(failedAt())
  return mapped
}

describe('resume', () => {
  it('takes an aggregate up where it failed', async () => {
    const { producer, stored } = target()
    const resume = new ResumeMemory()
    const event = eventOf(aggregated(0, numbers(100)))
    const mapped: string[] = []
    let isBad = true
    const map = (record: DeaggregatedRecord): DeaggregatedRecord => {
      mapped.push(text(record))
      if (isBad && text(record) === '60') throw refused
      return record
    }
    expect(await forwardEvent(event, producer, map, { resume, onFailure })).toEqual(failedAt(0))
    isBad = false
    expect(await forwardEvent(event, producer, map, { resume, onFailure })).toEqual(failedAt())
    expect(mapped).toEqual([...numbers(61), ...numbers(100).slice(60)])
    expect(stored()).toHaveLength(100)
  })

  it('puts a stored record again if an earlier one of its source key failed', async () => {
    const records = [plain(0, 'a', 'k'), plain(1, 'b', 'k'), plain(2, 'c', 'l'), plain(3, 'd', 'k')]
    expect(await again(records, each => `to-${each}`)).toEqual(['a', 'b', 'd'])
  })

  it('puts a stored record again if an earlier one of the key under which it was put failed', async () => {
    const records = [plain(0, 'a'), plain(1, 'b'), plain(2, 'c'), plain(3, 'd')]
    expect(await again(records, each => (each === 'a' || each === 'c' ? 'x' : each))).toEqual(['a', 'c'])
  })

  it('puts a stored record again behind one that comes again only for its order', async () => {
    const records = [plain(0, 'a', 'k'), plain(1, 'b', 'k'), plain(2, 'c'), plain(3, 'd')]
    // `b` shares its source key with `a`, and its target key with `c`.
    expect(await again(records, each => (each === 'b' || each === 'c' ? 'x' : each))).toEqual(['a', 'b', 'c'])
  })

  it('records without keys have no order', async () => {
    const records = [plain(0, 'a', ''), plain(1, 'b', ''), plain(2, 'c', '')]
    expect(await again(records, () => '')).toEqual(['a'])
  })

  it('forgets the end of an event of over 1,000 records, not its beginning', async () => {
    const { producer, stored } = target()
    const resume = new ResumeMemory()
    const mapped: string[] = []
    const map = async (record: DeaggregatedRecord): Promise<Forwarded> => {
      mapped.push(text(record))
      if (mapped.length > 1) return record
      // Too large, when all others are stored.
      await vi.waitFor(() => expect(stored()).toHaveLength(1199), 20_000)
      return { ...record, data: Buffer.alloc(2 ** 21) }
    }
    const event = eventOf(...numbers(1200).map((number, i) => plain(i, number)))
    const options = { resume, onFailure, concurrency: 2 }
    expect(await forwardEvent(event, producer, map, options)).toEqual(failedAt(0))
    mapped.splice(1)
    expect(await forwardEvent(event, producer, map, options)).toEqual(failedAt())
    expect(mapped.slice(1)).toEqual(['0', ...numbers(1200).slice(1001)])
  })

  it('remembers nothing behind a record whose map has not answered', async () => {
    const { producer, stored } = target({ lingerMs: 0 })
    const resume = new ResumeMemory()
    const mapped: string[] = []
    const event = eventOf(plain(0, 'a'), plain(1, 'b'), plain(2, 'c'))
    const map = (record: DeaggregatedRecord): Promise<Forwarded> => {
      mapped.push(text(record))
      return text(record) === 'b' && mapped.length < 4 ? new Promise(() => {}) : Promise.resolve(record)
    }
    const options = { resume, onFailure, concurrency: 3 }
    const controller = new AbortController()
    const answer = forwardEvent(event, producer, map, { ...options, signal: controller.signal })
    await vi.waitFor(() => expect(producer.stats().streams['out']).toMatchObject({ delivered: 2 }), 20_000)
    controller.abort()
    expect(await answer).toEqual(failedAt(1))
    expect(stored().toSorted()).toEqual(['a', 'c'])
    await forwardEvent(eventOf(...event.Records.slice(1)), producer, map, options)
    expect(mapped).toEqual(['a', 'b', 'c', 'b', 'c'])
  })

  it.each(numbers(8))('attempts until all is stored leave the keys in order (seed %s)', async seed => {
    for (let i = 0; i < 8; i++) await attemptsAtRandom(Number(seed) * 100 + i)
  })
})

/** Not part of the typings. */
const assertInvariants = (producer: KinesisProducer): void =>
  (producer as unknown as { assertInvariants(): void }).assertInvariants()

/** Failures of all kinds, at random, until everything is stored. */
async function attemptsAtRandom(seed: number): Promise<void> {
  const random = new Random(seed)
  const sourceOf = (each: string): string => `key-${Number(each) % 5}`
  const targetOf = (each: string): string => `to-${Math.floor(Number(each) / 3) % 4}`
  let count = 0
  const records = numbers(2 + random.below(8)).map((_, position) =>
    aggregated(
      position,
      numbers(1 + random.below(6)).map(() => String(count++)),
      sourceOf
    )
  )
  const { producer, kinesis, stored } = target({ aggregation: random.below(2) === 0, lingerMs: 0 })
  const concurrency = 1 + random.below(3)
  let danger = 0
  refuse(kinesis, () => random.below(10) < danger)
  const resume = new ResumeMemory()
  for (let first = 0, attempts = 0; first < records.length; attempts++) {
    danger = attempts < 6 ? 1 : 0
    const stop = new AbortController()
    const map = async (record: DeaggregatedRecord): Promise<Forwarded> => {
      const made = { partitionKey: targetOf(text(record)), data: record.data }
      if (random.below(4) === 0) await turns(random.below(3))
      if (danger === 0) return made
      if (random.below(30) === 0) stop.abort()
      if (random.below(40) === 0) kinesis.throttle('out', { forMs: 20 })
      if (random.below(40) === 0) kinesis.failNext({ name: 'InternalFailure' })
      if (random.below(100) === 0) kinesis.split('out')
      if (random.below(20) === 0) throw refused
      return made
    }
    const { batchItemFailures } = await forwardEvent(eventOf(...records.slice(first)), producer, map, {
      resume,
      onFailure,
      signal: stop.signal,
      concurrency
    })
    assertInvariants(producer)
    const failed = batchItemFailures[0]?.itemIdentifier
    first = failed === undefined ? records.length : Number(failed) - 1000
  }
  await producer.flush()
  assertInvariants(producer)
  // A reader who keeps the last record of each key has the right one.
  const last = new Map(stored().map((each, at) => [Number(each), at]))
  expect(last.size, `seed ${seed}`).toBe(count)
  // Promises of `map` that overtake each other keep the order of their source key alone.
  const keyOf = (each: string): string =>
    concurrency === 1 ? targetOf(each) : `${sourceOf(each)} ${targetOf(each)}`
  const atOf = new Map<string, number>()
  for (let i = 0; i < count; i++) {
    const key = keyOf(String(i))
    expect(last.get(i)!, `seed ${seed}: ${i} in ${stored().join(' ')}`).toBeGreaterThan(atOf.get(key) ?? -1)
    atOf.set(key, last.get(i)!)
  }
}
