import { expect, it, vi } from 'vitest'
import type { DeaggregatedRecord, KinesisStreamBatchResponse, KinesisStreamRecord } from 'kinesis-agg'
import { type Forwarded, forwardEvent } from 'kinesis-agg/producer'
import { countingEvent, isInOrder, target } from '../../support/forward'
import { StillContext } from '../../support/lambda-context'
import { eventOf, failedAt, numbers, plain, text, turns } from '../../support/stream-event'

const same = (record: DeaggregatedRecord): DeaggregatedRecord => record
const onFailure = (): void => {}
/** What the machine needs a moment for. */
const until = (condition: () => boolean): Promise<boolean> =>
  vi.waitUntil(condition, { timeout: 20_000, interval: 1 })

it('takes back all that was not sent, reports the earliest record, and answers in time', async () => {
  const { producer, kinesis, stored } = target({ lingerMs: 0 })
  await producer.ready()
  kinesis.hang()
  const report = vi.fn()
  const event = countingEvent(10_000, 100)
  const context = new StillContext(60_000)
  let mapped = 0
  const answer = await forwardEvent(
    event,
    producer,
    record => {
      mapped++
      if (text(record) === '4999') context.left = 500
      // The first ones are sent while this is awaited; the rest waits behind them.
      if (text(record) !== '99') return record
      return until(() => producer.stats().inFlight > 0).then(() => record)
    },
    { context, onFailure: report }
  )
  // It waited for none of those in flight, which hang.
  expect(answer).toEqual(failedAt(0))
  expect(mapped).toBe(5000)
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
  const { producer, kinesis, stored } = target({ lingerMs: 0, requestTimeoutMs: 60_000 })
  await producer.ready()
  kinesis.throttle('out')
  kinesis.hang()
  const controller = new AbortController()
  const { signal } = controller
  const answer = forwardEvent(countingEvent(100, 10), producer, same, { signal, onFailure })
  await until(() => producer.stats().inFlight > 0)
  controller.abort()
  expect(await answer).toEqual(failedAt(0))
  const { pendingRecords } = producer.stats()
  expect(pendingRecords).toBeGreaterThan(0)
  const { accepted, failed } = producer.stats().streams['out']!
  expect(failed['ABORT_ERR'] ?? 0).toBe(accepted - pendingRecords)
  // It hangs no longer, and still throttles.
  kinesis.hang({ forMs: 0 })
  await until(() => producer.stats().pendingRecords === 0)
  kinesis.reset()
  await producer.flush()
  expect(stored()).toEqual([])
  expect(producer.stats().streams['out']!.failed).toEqual({ ABORT_ERR: accepted })
})

it('leaves the records of others alone', async () => {
  const { producer, kinesis, stored } = target({ lingerMs: 0 })
  kinesis.throttle('out')
  const put = producer.put({ partitionKey: 'key-1', data: 'other' })
  producer.write({ partitionKey: 'key-1', data: 'written' })
  const all = producer.putAll(numbers(10).map(data => ({ partitionKey: 'key-1', data: `all-${data}` })))
  const controller = new AbortController()
  const { signal } = controller
  const answer = forwardEvent(countingEvent(100, 10), producer, same, { signal, onFailure })
  await until(() => producer.stats().pendingRecords === 112)
  controller.abort()
  expect(await answer).toEqual(failedAt(0))
  // What was in flight comes back first.
  await until(() => producer.stats().pendingRecords === 12)
  kinesis.reset()
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
  // The time that is left is asked for again and again, every 50 ms.
  const context = new StillContext(100)
  const answer = forwardEvent(countingEvent(1000, 100), producer, map, { context, reserveMs: 50, onFailure })
  await until(() => mapped === 51)
  context.left = 0
  expect(await answer).toEqual(failedAt(0))
  expect(mapped).toBe(51)
  await until(() => producer.stats().pendingRecords === 0)
  // Nothing goes on behind the answer.
  await turns(20)
  expect(mapped).toBe(51)
  expect(producer.stats().streams['out']!.accepted).toBe(50)
})

it('puts nothing that map makes afterwards', async () => {
  const { producer, stored } = target({ lingerMs: 0 })
  const controller = new AbortController()
  let make: (() => void) | undefined
  const answer = forwardEvent(
    eventOf(plain(0, 'a'), plain(1, 'b'), plain(2, 'c')),
    producer,
    record => {
      if (text(record) === 'a') return record
      return new Promise(resolve => {
        make = () => resolve(record)
      })
    },
    { signal: controller.signal, onFailure }
  )
  await until(() => make !== undefined && producer.stats().pendingRecords === 0)
  controller.abort()
  expect(await answer).toEqual(failedAt(1))
  make!()
  await turns(20)
  await producer.flush()
  expect(stored()).toEqual(['a'])
  expect(producer.stats().streams['out']!.accepted).toBe(1)
})

it('counts what is stored: the next attempt goes on behind it, each key in order', async () => {
  const { producer, kinesis, stored } = target({ lingerMs: 0 }, { streams: { out: {} }, delayMs: 5 })
  const event = countingEvent(2000, 100)
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
