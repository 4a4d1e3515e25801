import { expect, it, vi } from 'vitest'
import type { DeaggregatedRecord, KinesisStreamBatchResponse, KinesisStreamRecord } from 'kinesis-agg'
import { type Forwarded, forwardEvent } from 'kinesis-agg/producer'
import { countingEvent, isInOrder, target } from '../../support/forward'
import { contextWith } from '../../support/lambda-context'
import { eventOf, failedAt, numbers, plain, text, turns } from '../../support/stream-event'

const same = (record: DeaggregatedRecord): DeaggregatedRecord => record
const onFailure = (): void => {}

it('takes back all that was not sent, reports the earliest record, and answers in time', async () => {
  const { producer, kinesis, stored } = target({ lingerMs: 0 })
  await producer.ready()
  kinesis.hang()
  const report = vi.fn()
  const event = countingEvent(10_000, 100)
  const context = contextWith(700)
  let mapped = 0
  const answer = await forwardEvent(
    event,
    producer,
    record => {
      mapped++
      // The first ones are sent while this is awaited; the rest waits behind them.
      if (text(record) !== '99') return record
      return new Promise(resolve => setTimeout(() => resolve(record), 20))
    },
    { context, onFailure: report }
  )
  expect(context.getRemainingTimeInMillis()).toBeGreaterThan(150)
  expect(answer).toEqual(failedAt(0))
  expect(mapped).toBeGreaterThan(100)
  expect(report).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ code: 'ERR_DEADLINE', sequenceNumber: '1000' }),
    expect.objectContaining({ partitionKey: 'key-0', subSequenceNumber: 0 }),
    event.Records[0]
  )
  // Only what is in flight is pending, and it is all that is stored in the end.
  const { pendingRecords, inFlight, streams } = producer.stats()
  expect(pendingRecords).toBeGreaterThan(0)
  expect(pendingRecords).toBeLessThan(100)
  expect(inFlight).toBeGreaterThan(0)
  expect(streams['out']!.failed).toEqual({ ABORT_ERR: mapped - pendingRecords })
  kinesis.reset()
  await producer.flush()
  expect(stored()).toHaveLength(pendingRecords)
  expect(stored().every(each => Number(each) < 99)).toBe(true)
})

it('takes back what was in flight, if it comes back and is not stored', async () => {
  const { producer, kinesis, stored } = target({ lingerMs: 0, requestTimeoutMs: 60_000 }, { delayMs: 500 })
  await producer.ready()
  kinesis.throttle('out')
  const answer = await forwardEvent(countingEvent(100, 10), producer, same, {
    signal: AbortSignal.timeout(150),
    onFailure
  })
  expect(answer).toEqual(failedAt(0))
  const { pendingRecords } = producer.stats()
  expect(pendingRecords).toBeGreaterThan(0)
  const { accepted, failed } = producer.stats().streams['out']!
  expect(failed['ABORT_ERR'] ?? 0).toBe(accepted - pendingRecords)
  await vi.waitFor(() => expect(producer.stats().pendingRecords).toBe(0), 3000)
  kinesis.reset()
  await producer.flush()
  expect(stored()).toEqual([])
  expect(producer.stats().streams['out']!.failed).toEqual({ ABORT_ERR: accepted })
})

it('leaves the records of others alone', async () => {
  const { producer, kinesis, stored } = target({ lingerMs: 0 })
  kinesis.throttle('out', { forMs: 300 })
  const put = producer.put({ partitionKey: 'key-1', data: 'other' })
  producer.write({ partitionKey: 'key-1', data: 'written' })
  const all = producer.putAll(numbers(10).map(data => ({ partitionKey: 'key-1', data: `all-${data}` })))
  const answer = await forwardEvent(countingEvent(100, 10), producer, same, {
    signal: AbortSignal.timeout(100),
    onFailure
  })
  expect(answer).toEqual(failedAt(0))
  expect(producer.stats().pendingRecords).toBe(12)
  await Promise.all([put, all, producer.flush()])
  expect(stored()).toEqual(['other', 'written', ...numbers(10).map(each => `all-${each}`)])
})

it('ends a wait for room', async () => {
  const { producer, kinesis } = target({ maxPendingRecords: 100 })
  kinesis.throttle('out')
  let mapped = 0
  const map = (record: DeaggregatedRecord): Forwarded => {
    mapped++
    return record
  }
  const answer = await forwardEvent(countingEvent(1000, 100), producer, map, {
    context: contextWith(150),
    reserveMs: 50,
    onFailure
  })
  expect(answer).toEqual(failedAt(0))
  expect(mapped).toBe(51)
  await vi.waitFor(() => expect(producer.stats().pendingRecords).toBe(0))
  // Nothing goes on behind the answer.
  await turns(20)
  expect(mapped).toBe(51)
  expect(producer.stats().streams['out']!.accepted).toBe(50)
})

it('puts nothing that map makes afterwards', async () => {
  const { producer, stored } = target({ lingerMs: 0 })
  let make = (): void => {}
  const answer = await forwardEvent(
    eventOf(plain(0, 'a'), plain(1, 'b'), plain(2, 'c')),
    producer,
    record => {
      if (text(record) === 'a') return record
      return new Promise(resolve => {
        make = () => resolve(record)
      })
    },
    { signal: AbortSignal.timeout(50), onFailure }
  )
  expect(answer).toEqual(failedAt(1))
  make()
  await turns(20)
  await producer.flush()
  expect(stored()).toEqual(['a'])
  expect(producer.stats().streams['out']!.accepted).toBe(1)
})

it('counts what is stored: the next attempt goes on behind it, each key in order', async () => {
  const { producer, kinesis, stored } = target({ lingerMs: 0 }, { streams: { out: {} }, delayMs: 5 })
  const event = countingEvent(2000, 100)
  const until = (condition: () => boolean): Promise<boolean> =>
    vi.waitUntil(condition, { timeout: 20_000, interval: 1 })
  // When the time of an attempt is up, 450 records are stored, at least one is in flight, and at least 100 wait behind.
  async function attempt(records: KinesisStreamRecord[]): Promise<KinesisStreamBatchResponse> {
    const time = new AbortController()
    let mapped = 0
    const map = async (record: DeaggregatedRecord): Promise<DeaggregatedRecord> => {
      if (mapped === 450) {
        await until(() => producer.stats().pendingRecords === 0)
        kinesis.hang()
      } else if (mapped === 600) await until(() => producer.stats().inFlight > 0)
      else if (mapped === 700) {
        time.abort()
        await new Promise(() => {})
      }
      mapped++
      return record
    }
    return forwardEvent(eventOf(...records), producer, map, { signal: time.signal, onFailure })
  }
  let takenBack = 0
  for (const from of [0, 4, 8, 12]) {
    expect(await attempt(event.Records.slice(from))).toEqual(failedAt(from + 4))
    const { pendingRecords } = producer.stats()
    expect(pendingRecords).toBeGreaterThan(0)
    expect(pendingRecords).toBeLessThanOrEqual(150)
    takenBack += 250 - pendingRecords
    kinesis.reset()
  }
  expect(await attempt(event.Records.slice(16))).toEqual(failedAt())
  expect(producer.stats().streams['out']!.failed).toEqual({ ABORT_ERR: takenBack })
  expect(new Set(stored()).size).toBe(2000)
  expect(isInOrder(stored())).toBe(true)
})

it('answers at once if it is over before it begins', async () => {
  const { producer } = target()
  const map = vi.fn(same)
  const answer = await forwardEvent(eventOf(plain(0, 'a'), plain(1, 'b')), producer, map, {
    signal: AbortSignal.abort(),
    onFailure
  })
  expect(answer.batchItemFailures).toHaveLength(1)
  expect(producer.stats().pendingRecords).toBe(0)
})
