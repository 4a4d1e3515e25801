import { expect, it, vi } from 'vitest'
import type { DeaggregatedRecord } from 'kinesis-agg'
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
  const slow = async (record: DeaggregatedRecord): Promise<DeaggregatedRecord> => {
    await turns(1)
    return record
  }
  let rest = event
  let attempts = 0
  for (; rest.Records.length > 0; attempts++) {
    const { batchItemFailures } = await forwardEvent(rest, producer, slow, {
      context: contextWith(40),
      reserveMs: 10,
      onFailure
    })
    const [first] = batchItemFailures
    if (first === undefined) break
    const at = rest.Records.findIndex(({ kinesis }) => kinesis.sequenceNumber === first.itemIdentifier)
    rest = eventOf(...rest.Records.slice(at))
  }
  await producer.flush()
  kinesis.reset()
  expect(attempts).toBeGreaterThan(1)
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
