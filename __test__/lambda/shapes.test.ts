import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type PipesKinesisRecord, aggregate, deaggregateEvent, processEvent } from 'kinesis-agg'
import {
  aggregated,
  eventOf,
  failedAt,
  numbers,
  plain,
  recorder,
  refused,
  text
} from '../support/stream-event'

const flat = (record: ReturnType<typeof plain>): PipesKinesisRecord => {
  const { kinesis, ...rest } = record
  return { ...rest, ...kinesis }
}

const fromCase = {
  kinesisSchemaVersion: '1.0',
  partitionKey: 'k0',
  sequenceNumber: '1',
  data: '84mawgoCazAaBggAGgJ1MAjegRupMI4K1zapPE2i/Es=',
  approximateArrivalTimestamp: 1,
  eventSource: 'aws:kinesis',
  eventID: 'shardId-000000000000:1'
}

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('the array of an EventBridge pipe', () => {
  const five = numbers(5).map((number, i) => flat(plain(i, number)))
  const id = (i: number): string => `shardId-000000000000:${1000 + i}`

  it('is taken apart', async () => {
    const [record] = deaggregateEvent([fromCase])
    expect([record!.partitionKey, text(record!), record!.sequenceNumber]).toEqual(['k0', 'u0', '1'])
    expect(record!.source).toBe(fromCase)
    const { handled, handle } = recorder()
    expect(await processEvent([fromCase], handle)).toEqual({ batchItemFailures: [] })
    expect(handled).toEqual(['u0'])
  })

  it('names the eventID of every record from the failure on', async () => {
    const { handled, handle } = recorder('2')
    expect(await processEvent(five, handle)).toEqual(failedAt(id(2), id(3), id(4)))
    expect(handled).toEqual(['0', '1'])
  })

  it.each([2, 4])('rejects if record %i from there on has no eventID', async missing => {
    const { handle } = recorder('2')
    const records = five.map((record, i) => (i === missing ? { ...record, eventID: undefined } : record))
    await expect(processEvent(records, handle)).rejects.toBe(refused)
  })

  it('needs no eventID of those before', async () => {
    const { handle } = recorder('2')
    const records = five.map((record, i) => (i === 1 ? { ...record, eventID: undefined } : record))
    expect(await processEvent(records, handle)).toEqual(failedAt(id(2), id(3), id(4)))
  })
})

describe('flat records', () => {
  it('are taken apart', () => {
    const { eventID: _, ...record } = fromCase
    expect(deaggregateEvent({ Records: [record] }).map(text)).toEqual(['u0'])
  })

  it('are named by their sequence number', async () => {
    const { handle } = recorder('1')
    const Records = [flat(plain(0, '0')), flat(plain(1, '1')), flat(plain(2, '2'))]
    expect(await processEvent({ Records }, handle)).toEqual(failedAt(1))
  })
})

describe('the S3 object of an on-failure destination', () => {
  const object = {
    requestContext: { condition: 'RetryAttemptsExhausted' },
    KinesisBatchInfo: {
      shardId: 'shardId-000000000001',
      startSequenceNumber: '1',
      endSequenceNumber: '1',
      batchSize: 1,
      streamArn: 'arn'
    },
    payload: JSON.stringify(eventOf(aggregated(0, ['a', 'b']), plain(1, 'c')))
  }

  it('is taken apart', () => {
    expect(deaggregateEvent(object).map(text)).toEqual(['a', 'b', 'c'])
  })

  it('is processed', async () => {
    const { handled, handle } = recorder('c')
    expect(await processEvent(object, handle)).toEqual(failedAt(1))
    expect(handled).toEqual(['a', 'b'])
  })
})

describe('chunkSize', () => {
  it('hands out chunks across Kinesis records, and the rest', async () => {
    const chunks: string[][] = []
    const event = eventOf(aggregated(0, ['a', 'b', 'c']), plain(1, 'd'), aggregated(2, ['e']))
    const response = await processEvent(event, records => void chunks.push(records.map(text)), {
      chunkSize: 2
    })
    expect(response).toEqual({ batchItemFailures: [] })
    expect(chunks).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  })

  it('names the first Kinesis record of a chunk that fails', async () => {
    const event = eventOf(aggregated(0, ['a', 'b', 'c']), plain(1, 'd'), plain(2, 'e'))
    const failing = (records: { data: Buffer }[]): void => {
      if (text(records.at(-1)!) === 'd') throw refused
    }
    expect(await processEvent(event, failing, { chunkSize: 2 })).toEqual(failedAt(0))
    expect(await processEvent(event, failing, { chunkSize: 1 })).toEqual(failedAt(1))
  })

  it('hands out what stands before a record that cannot be decoded first', async () => {
    const broken = aggregated(1, ['x'])
    const event = eventOf(
      plain(0, 'a'),
      {
        ...broken,
        kinesis: { ...broken.kinesis, data: `${(broken.kinesis.data as string).slice(0, -8)}AAAAAAA=` }
      },
      plain(2, 'b')
    )
    const chunks: string[][] = []
    const response = await processEvent(event, records => void chunks.push(records.map(text)), {
      chunkSize: 5
    })
    expect(response).toEqual(failedAt(1))
    expect(chunks).toEqual([['a']])
  })

  it('keeps the order of keys with concurrency', async () => {
    const records = Array.from({ length: 60 }, (_, i) => ({
      partitionKey: `key-${(i * 7) % 11}`,
      data: String(i)
    }))
    const Records = aggregate(records, { maxSize: 200 }).map(({ data, partitionKey }, i) => ({
      kinesis: { data: data.toString('base64'), partitionKey, sequenceNumber: String(1000 + i) }
    }))
    const running = new Set<string>()
    const byKey = new Map<string, number[]>()
    let most = 0
    let chunks = 0
    await processEvent(
      { Records },
      async (chunk, { signal }) => {
        expect(signal.aborted).toBe(false)
        const keys = new Set(chunk.map(({ partitionKey }) => partitionKey))
        for (const key of keys) expect(running.has(key)).toBe(false)
        for (const key of keys) running.add(key)
        most = Math.max(most, ++chunks)
        await new Promise(resolve => setImmediate(resolve))
        for (const record of chunk) {
          byKey.set(record.partitionKey, [...(byKey.get(record.partitionKey) ?? []), Number(text(record))])
        }
        for (const key of keys) running.delete(key)
        chunks--
      },
      { chunkSize: 3, concurrency: 4 }
    )
    expect(most).toBeGreaterThan(1)
    expect([...byKey.values()].flat().toSorted((a, b) => a - b)).toEqual(records.map((_, i) => i))
    for (const list of byKey.values()) expect(list).toEqual(list.toSorted((a, b) => a - b))
  })
})

describe('bisect', () => {
  it('rejects where the failing record is the first of several', async () => {
    const { handle } = recorder('a')
    await expect(processEvent(eventOf(plain(0, 'a'), plain(1, 'b')), handle, { bisect: true })).rejects.toBe(
      refused
    )
  })

  it('answers where it is a later one, or alone', async () => {
    const { handle } = recorder('b')
    expect(await processEvent(eventOf(plain(0, 'a'), plain(1, 'b')), handle, { bisect: true })).toEqual(
      failedAt(1)
    )
    expect(await processEvent(eventOf(plain(0, 'b')), handle, { bisect: true })).toEqual(failedAt(0))
  })
})
