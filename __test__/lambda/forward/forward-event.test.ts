import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type DeaggregatedRecord,
  type KinesisStreamTumblingWindowEvent,
  aggregate,
  deaggregateEvent
} from 'kinesis-agg'
import { type Forwarded, type PutError, forwardEvent } from 'kinesis-agg/producer'
import { countingEvent, isInOrder, refuse, target } from '../../support/forward'
import {
  aggregated,
  damaged,
  eventOf,
  failedAt,
  numbers,
  plain,
  refused,
  streamRecord,
  text,
  turns
} from '../../support/stream-event'

const same = (record: DeaggregatedRecord): DeaggregatedRecord => record
const onFailure = (): void => {}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('forwardEvent', () => {
  it('forwards 10,000 user records, in order per key, and waits for no linger', async () => {
    const { producer, stored } = target({ lingerMs: 60_000 })
    const event = countingEvent(10_000, 100)
    expect(await forwardEvent(event, producer, same)).toEqual(failedAt())
    const texts = stored()
    expect(texts.toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers(10_000))
    expect(isInOrder(texts)).toBe(true)
    const { requests, kinesisRecords, pendingRecords } = producer.stats().streams['out']!
    expect(pendingRecords).toBe(0)
    // Stop and wait for each of 10,000 would be as many.
    expect(requests).toBeLessThan(100)
    expect(kinesisRecords).toBeLessThan(100)
  })

  it('keeps key, explicit hash key and data; puts what map returns, promised or not', async () => {
    // A record that left alone would be plain.
    const { producer, kinesis, stored } = target({ lingerMs: 60_000 }, { streams: { out: {}, other: {} } })
    const inputs = [
      { partitionKey: 'a', data: 'as-it-is', explicitHashKey: '7' },
      { partitionKey: 'b', data: 'none' },
      { partitionKey: 'c', data: 'two' },
      { partitionKey: 'd', data: 'later' },
      { partitionKey: 'e', data: 'elsewhere' }
    ]
    const [encoded] = aggregate(inputs)
    const event = eventOf(streamRecord(0, encoded!.data.toString('base64')))
    const map = (record: DeaggregatedRecord): Forwarded | Promise<Forwarded> => {
      switch (text(record)) {
        case 'none':
          return undefined
        case 'two':
          return [
            { partitionKey: 'x', data: 'two-1' },
            { PartitionKey: 'x', Data: 'two-2' }
          ]
        case 'later':
          return new Promise(resolve => setTimeout(() => resolve(record), 5))
        case 'elsewhere':
          return { ...record, stream: 'other' }
        default:
          return record
      }
    }
    expect(await forwardEvent(event, producer, map)).toEqual(failedAt())
    expect(stored()).toEqual(['as-it-is', 'two-1', 'two-2', 'later'])
    expect(stored('other')).toEqual(['elsewhere'])
    expect(kinesis.records('out')[0]).toMatchObject({ partitionKey: 'a', explicitHashKey: '7' })
  })

  it('puts to the stream of a handle', async () => {
    const { producer, stored } = target({}, { streams: { out: {}, other: {} } })
    await forwardEvent(eventOf(plain(0, 'a')), producer.forStream('other'), same)
    expect(stored()).toEqual([])
    expect(stored('other')).toEqual(['a'])
  })

  it('does not wait for a record before it maps the next one', async () => {
    const { producer, kinesis, stored } = target()
    kinesis.hang()
    const mapped: string[] = []
    const answer = forwardEvent(countingEvent(500, 100), producer, record => {
      mapped.push(text(record))
      return record
    })
    await vi.waitFor(() => expect(mapped).toHaveLength(500), 20_000)
    kinesis.reset()
    expect(await answer).toEqual(failedAt())
    expect(stored()).toHaveLength(500)
  })

  it('leaves turns to the producer while a map takes long', async () => {
    const { producer, stored } = target({ lingerMs: 0 })
    let storedBefore = 0
    await forwardEvent(countingEvent(40, 10), producer, record => {
      const end = performance.now() + 5
      while (performance.now() < end);
      storedBefore = stored().length
      return record
    })
    expect(storedBefore).toBeGreaterThan(10)
  })

  it('puts no faster than there is room', async () => {
    const { producer, kinesis, stored } = target({ maxPendingRecords: 200 }, { delayMs: 1 })
    kinesis.hang()
    let most = 0
    const map = (record: DeaggregatedRecord): Forwarded => {
      most = Math.max(most, producer.stats().pendingRecords)
      return text(record) === '77' ? numbers(1000).map(data => ({ partitionKey: 'many', data })) : record
    }
    const answer = forwardEvent(countingEvent(500, 100), producer, map)
    const half = (): void => expect(producer.stats().pendingRecords).toBe(100)
    await vi.waitFor(half, 20_000)
    await turns(20)
    half()
    kinesis.reset()
    expect(await answer).toEqual(failedAt())
    expect(stored()).toHaveLength(1499)
    expect(most).toBeLessThanOrEqual(100)
    expect(producer.stats().streams['out']!.failed).toEqual({})
  })

  it('maps with concurrency, each source key in order', async () => {
    const { producer, stored } = target()
    let running = 0
    let most = 0
    const map = async (record: DeaggregatedRecord): Promise<Forwarded> => {
      most = Math.max(most, ++running)
      if (most < 10) await vi.waitUntil(() => most === 10, 20_000)
      await new Promise(resolve => setTimeout(resolve, (Number(text(record)) * 7) % 5))
      running--
      return record
    }
    expect(await forwardEvent(countingEvent(300, 100), producer, map, { concurrency: 10 })).toEqual(
      failedAt()
    )
    expect(most).toBe(10)
    expect(stored()).toHaveLength(300)
    expect(isInOrder(stored())).toBe(true)
  })

  it('keeps two events apart that share a producer', async () => {
    const { producer, stored } = target({ lingerMs: 5000 })
    const [good, bad] = await Promise.all([
      forwardEvent(countingEvent(1000, 100), producer, async record => record),
      forwardEvent(
        countingEvent(1000, 100),
        producer,
        async ({ partitionKey, data }) => {
          if (data.toString() === '550') throw refused
          return { partitionKey, data: `bad ${data}` }
        },
        { onFailure }
      )
    ])
    expect(good).toEqual(failedAt())
    expect(bad).toEqual(failedAt(5))
    expect(stored().filter(each => !each.startsWith('bad'))).toHaveLength(1000)
  })
})

describe('a failure in the middle', () => {
  it('of map: what comes before is stored, nothing after it is mapped', async () => {
    const { producer, stored } = target()
    const report = vi.fn()
    const event = countingEvent(10_000, 100)
    let mapped = 0
    const answer = await forwardEvent(
      event,
      producer,
      record => {
        mapped++
        if (text(record) === '5050') throw refused
        return record
      },
      { onFailure: report }
    )
    expect(answer).toEqual(failedAt(50))
    expect(mapped).toBe(5051)
    expect(stored().toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers(5050))
    expect(report).toHaveBeenCalledExactlyOnceWith(
      refused,
      expect.objectContaining({ partitionKey: 'key-0', subSequenceNumber: 50 }),
      event.Records[50]
    )
    expect(producer.stats()).toMatchObject({ pendingRecords: 0, inFlight: 0 })
  })

  it('of a put: what waits behind it is taken back', async () => {
    // The first records go at once and are refused later; the others wait behind them, and then for the shard's pause.
    vi.spyOn(Math, 'random').mockReturnValue(0.999)
    const { producer, kinesis, stored } = target(
      { lingerMs: 0, onThrottle: 'fail' },
      { streams: { out: {} } }
    )
    await producer.ready()
    kinesis.throttle('out')
    kinesis.hang()
    const errors: unknown[] = []
    let mapped = 0
    const answer = await forwardEvent(
      countingEvent(10_000, 100),
      producer,
      record => {
        mapped++
        // It hangs no longer, and still throttles.
        if (text(record) === '199') kinesis.hang({ forMs: 0 })
        if (text(record) !== '99') return record
        return vi.waitUntil(() => producer.stats().inFlight > 0, 20_000).then(() => record)
      },
      { onFailure: error => void errors.push(error) }
    )
    kinesis.reset()
    expect(answer).toEqual(failedAt(0))
    expect(mapped).toBeGreaterThanOrEqual(200)
    expect(errors.length).toBeGreaterThan(0)
    expect(errors.length).toBeLessThan(100)
    expect(errors.every(error => (error as PutError).code === 'ERR_THROTTLED')).toBe(true)
    expect(producer.stats()).toMatchObject({ pendingRecords: 0, inFlight: 0 })
    expect(producer.stats().streams['out']!.failed).toEqual({
      ERR_THROTTLED: errors.length,
      ABORT_ERR: mapped - errors.length
    })
    await producer.flush()
    expect(stored()).toEqual([])
  })

  it('of a put, told late: of one key, a (failed) and b become b a b', async () => {
    const { producer, kinesis, stored } = target({ aggregation: false, ordering: 'none', lingerMs: 60_000 })
    const event = eventOf(plain(0, 'first', 'k'), plain(1, 'a', 'k'), plain(2, 'b', 'k'), plain(3, 'c', 'l'))
    let refusals = 0
    refuse(kinesis, each => each === 'a' && refusals++ === 0)
    const errors: unknown[] = []
    const keep = (error: unknown): void => void errors.push(error)
    expect(await forwardEvent(event, producer, same, { onFailure: keep })).toEqual(failedAt(1))
    expect(errors).toMatchObject([{ code: 'ERR_PUT_REJECTED', name: 'PutError' }])
    const rest = eventOf(...event.Records.slice(1))
    expect(await forwardEvent(rest, producer, same, { onFailure: keep })).toEqual(failedAt())
    expect(stored().filter(each => each !== 'c')).toEqual(['first', 'b', 'a', 'b'])
  })

  it('names the earliest, also if a later one fails first', async () => {
    const { producer } = target()
    const report = vi.fn()
    let refuse: ((reason: Error) => void) | undefined
    const late = new Promise<never>((_, reject) => {
      refuse = reject
    })
    const answer = await forwardEvent(
      eventOf(plain(0, 'a'), plain(1, 'late'), plain(2, 'soon'), plain(3, 'never')),
      producer,
      record => {
        if (text(record) === 'late') return late
        if (text(record) !== 'soon') return record
        setTimeout(() => refuse!(refused), 20)
        throw new Error('soon')
      },
      { onFailure: report, concurrency: 3 }
    )
    expect(answer).toEqual(failedAt(1))
    expect(report.mock.calls.map(([error]) => (error as Error).message)).toEqual(['soon', 'refused'])
  })

  it('of one of several records that map made: all of them come again', async () => {
    const { producer, stored } = target({ lingerMs: 5000 })
    const map = (record: DeaggregatedRecord): Forwarded => [
      { partitionKey: 'x', data: `${text(record)}-1` },
      { partitionKey: 'x', data: text(record) === 'b' ? Buffer.alloc(2 ** 21) : `${text(record)}-2` }
    ]
    const event = eventOf(plain(0, 'a'), plain(1, 'b'), plain(2, 'c'))
    expect(await forwardEvent(event, producer, map, { onFailure })).toEqual(failedAt(1))
    expect(stored()).toEqual(['a-1', 'a-2'])
    expect(producer.stats().pendingRecords).toBe(0)
  })

  it('goes on where onFailure keeps the record', async () => {
    const { producer, kinesis, stored } = target({ onThrottle: 'fail' })
    kinesis.throttle('out', { shardId: 'shardId-000000000000' })
    const kept: string[] = []
    const answer = await forwardEvent(
      countingEvent(1000, 100),
      producer,
      record => {
        if (text(record) === '500') throw refused
        return record
      },
      {
        onFailure: async (_, record) => {
          await new Promise(resolve => setTimeout(resolve, 1))
          kept.push(text(record!))
          return 'skip'
        }
      }
    )
    expect(answer).toEqual(failedAt())
    expect(stored().length).toBeGreaterThan(100)
    expect([...kept, ...stored()].toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers(1000))
  })

  it('of a put, kept by onFailure: mapping waits for that, and goes on', async () => {
    const { producer, kinesis, stored } = target({ lingerMs: 0, onThrottle: 'fail' })
    await producer.ready()
    kinesis.throttle('out')
    const kept: string[] = []
    const openWhenMapped: number[] = []
    let open = 0
    let tell = (): void => {}
    const told = new Promise<void>(resolve => (tell = resolve))
    const answer = await forwardEvent(
      countingEvent(200, 20),
      producer,
      async record => {
        openWhenMapped.push(open)
        // Some fail meanwhile, and this is mapped before onFailure has answered.
        if (text(record) === '99') await told
        return record
      },
      {
        onFailure: async (_, record) => {
          open++
          kinesis.reset()
          tell()
          await new Promise(resolve => setTimeout(resolve, 5))
          open--
          kept.push(text(record!))
          return 'skip'
        }
      }
    )
    expect(answer).toEqual(failedAt())
    expect(openWhenMapped).toEqual(numbers(200).map(() => 0))
    expect(kept.length).toBeGreaterThan(0)
    expect(stored()).toEqual(expect.arrayContaining(numbers(200).slice(100)))
    expect([...kept, ...stored()].toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers(200))
  })

  it.each([
    ['null', null],
    ['text', 'x'],
    ['an array with nothing in it', [undefined]],
    ['a record without data', { partitionKey: 'a' }],
    ['a key that is none', { partitionKey: 5, data: 'x' }]
  ])('of a map that makes no record: %s', async (_, made) => {
    const { producer, stored } = target()
    const errors: unknown[] = []
    const event = eventOf(plain(0, 'a'), plain(1, 'b'))
    const answer = await forwardEvent(
      event,
      producer,
      record => (text(record) === 'a' ? record : (made as never)),
      { onFailure: error => void errors.push(error) }
    )
    expect(answer).toEqual(failedAt(1))
    expect(errors).toMatchObject([{ code: expect.stringMatching(/^ERR_(INVALID_ARG_TYPE|MISSING_DATA)$/) }])
    expect(stored()).toEqual(['a'])
  })

  it('of a record that cannot be decoded', async () => {
    const { producer, stored } = target()
    const event = eventOf(aggregated(0, ['a', 'b']), damaged(aggregated(1, ['c', 'd'])), plain(2, 'e'))
    const errors: unknown[] = []
    const answer = await forwardEvent(event, producer, same, {
      onFailure: error => void errors.push(error)
    })
    expect(answer).toEqual(failedAt(1))
    expect(errors).toMatchObject([{ code: 'ERR_INVALID_CHECKSUM' }])
    expect(stored()).toEqual(['a', 'b'])
  })

  it('logs without onFailure, and rejects for bisect', async () => {
    const { producer } = target()
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const fail = (): never => {
      throw refused
    }
    const event = eventOf(plain(0, 'a'), plain(1, 'b'))
    await expect(forwardEvent(event, producer, fail, { bisect: true })).rejects.toBe(refused)
    expect(log).toHaveBeenCalledExactlyOnceWith('Kinesis record 1000 was not handled:', refused)
  })

  it('of the producer, which is closed', async () => {
    const { producer } = target()
    await producer.close()
    const errors: unknown[] = []
    const answer = await forwardEvent(eventOf(plain(0, 'a')), producer, same, {
      onFailure: error => void errors.push(error)
    })
    expect(answer).toEqual(failedAt(0))
    expect(errors).toMatchObject([{ code: 'ERR_PRODUCER_CLOSED' }])
  })
})

describe('a tumbling window', () => {
  const windowed = (state?: Record<string, unknown>): KinesisStreamTumblingWindowEvent => ({
    ...eventOf(plain(0, 'a'), aggregated(1, ['b', 'c'])),
    window: { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:01:00Z' },
    state
  })

  it('passes the state through', async () => {
    const { producer, stored } = target()
    const state = { count: 3 }
    expect(await forwardEvent(windowed(state), producer, same)).toEqual({ state, batchItemFailures: [] })
    expect(stored().toSorted()).toEqual(['a', 'b', 'c'])
    expect(await forwardEvent({ ...windowed(), Records: [] }, producer, same)).toEqual({
      state: {},
      batchItemFailures: []
    })
  })

  it('rejects with the failure', async () => {
    const { producer } = target()
    const map = (record: DeaggregatedRecord): DeaggregatedRecord => {
      if (text(record) === 'b') throw refused
      return record
    }
    await expect(forwardEvent(windowed(), producer, map, { onFailure })).rejects.toBe(refused)
    expect(producer.stats().pendingRecords).toBe(0)
  })
})

describe('arguments', () => {
  it.each([
    ['producer', (producer: unknown) => [eventOf(plain(0, 'a')), { ...(producer as object) }, same]],
    ['producer', () => [eventOf(plain(0, 'a')), undefined, same]],
    ['map', (producer: unknown) => [eventOf(plain(0, 'a')), producer, 'x']],
    ['event', (producer: unknown) => [{}, producer, same]],
    ['options.chunkSize', (producer: unknown) => [eventOf(), producer, same, { chunkSize: 5 }]],
    ['options.signal', (producer: unknown) => [eventOf(), producer, same, { signal: 5 }]]
  ])('are checked: %s', async (name, make) => {
    const { producer } = target()
    const call = (forwardEvent as (...args: unknown[]) => Promise<unknown>)(...make(producer))
    await expect(call).rejects.toMatchObject({
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_TYPE',
      message: expect.stringMatching(new RegExp(`^${name} must be`))
    })
  })

  it('hashKeyRange leaves out what lies elsewhere', async () => {
    const { producer, stored } = target()
    const event = countingEvent(100, 100)
    const hashKeyRange = { startingHashKey: '0', endingHashKey: String(2n ** 127n - 1n) }
    const expected = deaggregateEvent(event, { hashKeyRange }).map(text)
    expect(expected.length).toBeGreaterThan(10)
    expect(expected.length).toBeLessThan(90)
    await forwardEvent(event, producer, same, { hashKeyRange })
    expect(stored()).toEqual(expected)
  })
})
