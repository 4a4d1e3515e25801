import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type {
  FirehoseTransformationEvent,
  KinesisStreamBatchResponse,
  KinesisStreamEvent,
  KinesisStreamHandler,
  KinesisStreamTumblingWindowEvent
} from 'aws-lambda'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  KinesisAggError,
  aggregate,
  deaggregateEvent,
  processEvent,
  type ProcessEventOptions,
  type DeaggregatedRecord
} from 'kinesis-agg'

type Event = KinesisStreamEvent & { Records: { kinesis: { data: unknown } }[] }

function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(join(__dirname, '..', 'fixtures', 'events', `${name}.json`), 'utf8')) as T
}

const sequenceOf = ({ data }: DeaggregatedRecord): number =>
  (JSON.parse(data.toString()) as { sequence: number }).sequence

/** Flips a bit in the middle of a record's data. */
function damage(event: Event, i: number): string {
  const { kinesis } = event.Records[i]!
  const bytes = Buffer.from(kinesis.data, 'base64')
  bytes[30]! ^= 1
  kinesis.data = bytes.toString('base64')
  return kinesis.sequenceNumber
}

let event: Event
const identifier = (i: number): string => event.Records[i]!.kinesis.sequenceNumber
const failedAt = (i: number): KinesisStreamBatchResponse => ({
  batchItemFailures: [{ itemIdentifier: identifier(i) }]
})

beforeEach(() => {
  event = fixture('kinesis')
})

describe('deaggregateEvent', () => {
  it('takes a Kinesis stream event apart, in order', () => {
    const records = deaggregateEvent(event)
    expect(records.map(sequenceOf)).toEqual([0, 1, 2, 3, 4, 5])
    expect(records.map(record => record.subSequenceNumber)).toEqual([0, 1, 2, 0, 0, 1])
    expect(records.map(record => record.partitionKey)).toEqual([
      'boiler-7',
      'boiler-9',
      'boiler-7',
      'pump-1',
      'boiler-9',
      'boiler-9'
    ])
    expect(records.map(record => record.explicitHashKey)).toEqual([
      undefined,
      undefined,
      '85070591730234615865843651857942052864',
      undefined,
      undefined,
      undefined
    ])
    expect(records[2]!.source).toBe(event.Records[0])
    expect(records[2]!.approximateArrivalTimestamp).toBe(1760000001.123)
  })

  it('takes events of a tumbling window, also the last one without records', () => {
    const windowed = fixture<KinesisStreamTumblingWindowEvent>('kinesis-window')
    expect(deaggregateEvent(windowed).map(sequenceOf)).toEqual([0, 1, 2, 3, 4, 5])
    expect(deaggregateEvent(fixture<KinesisStreamTumblingWindowEvent>('kinesis-window-final'))).toEqual([])
  })

  it('takes a Firehose event; the metadata tells key and sequence number', () => {
    const firehose = fixture<FirehoseTransformationEvent>('firehose')
    const good = { ...firehose, records: firehose.records.filter((_, i) => i !== 2) }
    const records = deaggregateEvent(good)
    expect(records.map(record => [record.partitionKey, record.sequenceNumber])).toEqual([
      ['boiler-7', identifier(0)],
      ['boiler-9', identifier(0)],
      ['boiler-7', identifier(0)],
      ['pump-1', identifier(1)],
      ['monitor', good.records[2]!.kinesisRecordMetadata!.sequenceNumber]
    ])
    expect(records[1]!.source).toBe(good.records[0])
    expect(() => deaggregateEvent(firehose)).toThrow('Invalid record checksum')
  })

  it('takes an Analytics preprocessing event', () => {
    const analytics = fixture<{ records: { recordId: string; data: string }[] }>('analytics')
    const records = deaggregateEvent(analytics)
    expect(records.map(sequenceOf)).toEqual([4, 5, 3])
    expect(records.map(record => record.partitionKey)).toEqual(['boiler-9', 'boiler-9', 'pump-1'])
    expect(records[0]!.source).toBe(analytics.records[0])
  })

  it('takes records whose partition key is null, as on streams whose distribution Kinesis manages', () => {
    const { kinesis } = event.Records[1]!
    const managed = { Records: [{ ...event.Records[1]!, kinesis: { ...kinesis, partitionKey: null } }] }
    expect(deaggregateEvent(managed).map(record => record.partitionKey)).toEqual([''])
  })

  it('names the damaged record, or hands it on as a plain one', () => {
    const sequenceNumber = damage(event, 2)
    expect(() => deaggregateEvent(event)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_CHECKSUM', sequenceNumber, record: event.Records[2] })
    )
    const records = deaggregateEvent(event, { onInvalid: 'passthrough' })
    expect(records.map(record => record.aggregated)).toEqual([true, true, true, false, false])
  })

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /^event must be a Kinesis stream event, .*got undefined$/],
    ['null', null, /got null$/],
    ['text', '{"Records":[]}', /got '\{"Records":\[\]\}' \(a string\)$/],
    [
      'the records of an event',
      [{ kinesis: {} }],
      /got an array of its records: pass the event itself, not event.Records$/
    ],
    ['an array of SQS records', [{ eventSource: 'aws:sqs', body: '' }], /got one of aws:sqs$/],
    [
      'a message of an on-failure destination',
      { KinesisBatchInfo: { batchSize: 1 } },
      /fetchFailedBatch of kinesis-agg\/sdk$/
    ],
    ['a payload that is no JSON', { payload: '{' }, /^event.payload must be JSON text/],
    [
      'a payload that is no stream event',
      { payload: '[]' },
      /^event.payload must be the JSON text of a Kinesis/
    ],
    ['an empty object', {}, /got an object with nothing in it$/],
    ['an API Gateway event', { httpMethod: 'GET', path: '/' }, /got an object with httpMethod, path$/],
    [
      'Records that are no array',
      { Records: {} },
      /^event.Records must be an array of records, got an object/
    ],
    ['Records that are null', { Records: null }, /^event.Records must be an array of records, got null$/],
    [
      'an SQS event',
      { Records: [{ messageId: 'a', body: '', eventSource: 'aws:sqs' }] },
      /got one of aws:sqs$/
    ],
    ['an SNS event', { Records: [{ EventSource: 'aws:sns', Sns: {} }] }, /got one of aws:sns$/]
  ])('refuses %s', (_name, wrong, message) => {
    const call = (): unknown => deaggregateEvent(wrong as KinesisStreamEvent)
    expect(call).toThrow(TypeError)
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }))
    expect(call).toThrow(message)
  })
})

describe('processEvent', () => {
  let log: ReturnType<typeof vi.spyOn>

  beforeEach(() => {
    log = vi.spyOn(console, 'error').mockImplementation(() => {})
  })
  afterEach(() => {
    log.mockRestore()
  })

  it('hands out every user record in order and reports success with exactly one key', async () => {
    const handled: number[] = []
    const response = await processEvent(event, record => handled.push(sequenceOf(record)))
    expect(handled).toEqual([0, 1, 2, 3, 4, 5])
    expect(JSON.stringify(response)).toBe('{"batchItemFailures":[]}')
    expect(log).not.toHaveBeenCalled()
  })

  it('runs async handlers one at a time', async () => {
    let running = 0
    const handled: number[] = []
    await processEvent(event, async record => {
      expect(++running).toBe(1)
      await new Promise(resolve => setTimeout(resolve, 6 - handled.length))
      handled.push(sequenceOf(record))
      running--
    })
    expect(handled).toEqual([0, 1, 2, 3, 4, 5])
  })

  it.each([0, 1, 2, 3, 4, 5])(
    'stops at user record %i, thrown or rejected, and names the record around it',
    async at => {
      const enclosing = [0, 0, 0, 1, 2, 2][at]!
      const failing = {
        thrown: (): void => {
          throw new Error('refused')
        },
        rejected: async (): Promise<void> => {
          await new Promise(resolve => setImmediate(resolve))
          throw new Error('refused')
        }
      }
      for (const fail of Object.values(failing)) {
        const handled: number[] = []
        const response = await processEvent(event, record => {
          if (sequenceOf(record) === at) return fail()
          handled.push(sequenceOf(record))
        })
        expect(JSON.stringify(response)).toBe(JSON.stringify(failedAt(enclosing)))
        expect(handled).toEqual([0, 1, 2, 3, 4, 5].slice(0, at))
      }
    }
  )

  it.each([
    [0, []],
    [2, [0, 1, 2, 3]]
  ])('fails at the damaged record %i once all before it are handled', async (i, before) => {
    damage(event, i)
    const handled: number[] = []
    expect(await processEvent(event, record => handled.push(sequenceOf(record)))).toEqual(failedAt(i))
    expect(handled).toEqual(before)
  })

  it('fails at the handler first if the damaged record comes later', async () => {
    damage(event, 2)
    const response = await processEvent(event, () => {
      throw new Error('refused')
    })
    expect(response).toEqual(failedAt(0))
  })

  it.each([undefined, null, 7, {}])('fails at a record whose data is %j', async data => {
    event.Records[1]!.kinesis.data = data as string
    const handled: number[] = []
    expect(await processEvent(event, record => handled.push(sequenceOf(record)))).toEqual(failedAt(1))
    expect(handled).toEqual([0, 1, 2])
  })

  it('takes a failure without a value for one', async () => {
    // oxlint-disable-next-line no-throw-literal, prefer-promise-reject-errors
    expect(await processEvent(event, () => Promise.reject())).toEqual(failedAt(0))
  })

  it('names the right record whatever the handler does to records and event', async () => {
    const expected = failedAt(1)
    const response = await processEvent(event, record => {
      const sequence = sequenceOf(record)
      record.sequenceNumber = ''
      Object.assign(record.source, { kinesis: null })
      event.Records.length = 0
      if (sequence === 3) throw new Error('refused')
    })
    expect(response).toEqual(expected)
  })

  it('reaches the damaged record even if the handler empties the event', async () => {
    damage(event, 2)
    const expected = failedAt(2)
    const handled: number[] = []
    const response = await processEvent(event, record => {
      event.Records.length = 0
      handled.push(sequenceOf(record))
    })
    expect(response).toEqual(expected)
    expect(handled).toEqual([0, 1, 2, 3])
  })

  it.each([undefined, null, '', 5])(
    'rejects with the failure if the record has %j for a sequence number, for any response would be success',
    async sequenceNumber => {
      const failure = new Error('refused')
      event.Records[1]!.kinesis.sequenceNumber = sequenceNumber as string
      await expect(
        processEvent(event, record => {
          if (record.subSequenceNumber === 0 && !record.aggregated) throw failure
        })
      ).rejects.toBe(failure)
      event.Records[1]!.kinesis.data = 7 as unknown as string
      await expect(processEvent(event, () => {})).rejects.toThrow(TypeError)
    }
  )

  it('rejects for what is in the place of a record', async () => {
    for (const wrong of [null, undefined, 'record', 7]) {
      const handled: number[] = []
      const Records = [event.Records[0]!, wrong as unknown as (typeof event.Records)[0]]
      await expect(processEvent({ Records }, record => handled.push(sequenceOf(record)))).rejects.toThrow(
        /^record must be a Kinesis record/
      )
      expect(handled).toEqual([0, 1, 2])
    }
  })

  it('logs the failure, as the response has no room for it', async () => {
    const failure = new Error('refused')
    await processEvent(event, () => Promise.reject(failure))
    expect(log.mock.calls).toEqual([[`Kinesis record ${identifier(0)} was not handled:`, failure]])
  })

  it('tells onFailure instead, and waits for it', async () => {
    damage(event, 2)
    const told: unknown[] = []
    const response = await processEvent(event, () => {}, {
      onFailure: async (error, record, source) => {
        await new Promise(resolve => setImmediate(resolve))
        told.push((error as KinesisAggError).code, record, source)
      }
    })
    expect(response).toEqual(failedAt(2))
    expect(told).toEqual(['ERR_INVALID_CHECKSUM', undefined, event.Records[2]])
    expect(log).not.toHaveBeenCalled()
  })

  it.each(['throws', 'rejects'])('answers also if onFailure %s, and logs both errors', async how => {
    const refused = new Error('refused')
    const down = new Error('alerting is down')
    const response = await processEvent(
      event,
      record => {
        if (!record.aggregated) throw refused
      },
      {
        onFailure: () => {
          if (how === 'rejects') return Promise.reject(down)
          throw down
        }
      }
    )
    expect(response).toEqual(failedAt(1))
    expect(log.mock.calls).toEqual([
      [`Kinesis record ${identifier(1)} was not handled:`, refused],
      ['onFailure failed itself:', down]
    ])
  })

  it('hands a damaged record on under passthrough', async () => {
    damage(event, 2)
    let plain = 0
    const count = (record: DeaggregatedRecord): void => {
      if (!record.aggregated) plain++
    }
    expect(await processEvent(event, count, { onInvalid: 'passthrough' })).toEqual({ batchItemFailures: [] })
    expect(plain).toBe(2)
  })

  it('succeeds for an event without records', async () => {
    expect(await processEvent({ Records: [] }, () => expect.unreachable())).toEqual({ batchItemFailures: [] })
  })

  it('rejects what is no event of a stream, no handler, no options', async () => {
    const wrong: [unknown, unknown, unknown, string][] = [
      [
        undefined,
        () => {},
        undefined,
        'event must be a Kinesis stream event, which has Records, the array of an EventBridge pipe, or the S3 object of an on-failure destination, which has a payload, got undefined'
      ],
      [fixture('firehose'), () => {}, undefined, 'which has a payload, got an object with invocationId'],
      [event, undefined, undefined, 'handler must be a function, got undefined'],
      [event, () => {}, 7, 'options must be an object, got 7'],
      [event, () => {}, { concurrency: 0 }, 'options.concurrency must be a whole number from 1, got 0'],
      [event, () => {}, { concurrency: 1.5 }, 'options.concurrency must be a whole number from 1, got 1.5'],
      [event, () => {}, { onFailure: true }, 'options.onFailure must be a function, got true'],
      [event, () => {}, { onInvalid: 'skip' }, 'options.onInvalid must be'],
      [event, () => {}, { hashKeyRange: 5 }, 'options.hashKeyRange must be'],
      [event, () => {}, { chunkSize: 0 }, 'options.chunkSize must be a whole number from 1, got 0'],
      [event, () => {}, { context: {} }, 'options.context must be the context that Lambda hands a function'],
      [event, () => {}, { reserveMs: -1 }, 'options.reserveMs must be milliseconds, from 0, got -1'],
      [event, () => {}, { signal: {} }, 'options.signal must be an AbortSignal'],
      [event, () => {}, { bisect: 1 }, 'options.bisect must be a boolean, got 1'],
      [event, () => {}, { resume: new Map() }, 'options.resume must be a ResumeMemory']
    ]
    for (const [badEvent, handler, options, message] of wrong) {
      const call = processEvent(badEvent as Event, handler as () => void, options as object)
      await expect(call).rejects.toThrow(message)
      await expect(call).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' })
    }
  })

  it('rejects for wrong options before any handler runs, with a damaged record as well', async () => {
    damage(event, 0)
    const hashKeyRange = { startingHashKey: '5', endingHashKey: '4' }
    const call = processEvent(event, () => expect.unreachable(), { hashKeyRange })
    await expect(call).rejects.toMatchObject({ code: 'ERR_INVALID_HASH_KEY' })
  })

  it('reads the options once', async () => {
    damage(event, 2)
    const options: ProcessEventOptions = { onInvalid: 'passthrough', onFailure: () => {} }
    let handled = 0
    const response = await processEvent(
      event,
      () => {
        handled++
        options.onInvalid = 'throw'
        options.onFailure = () => expect.unreachable()
        if (handled === 5) throw new Error('refused')
      },
      options
    )
    expect(response).toEqual(failedAt(2))
    expect(handled).toBe(5)
  })

  it('handles each of very many records of a full batch once', async () => {
    const records = Array.from({ length: 50_000 }, (_, i) => ({
      partitionKey: `key-${i % 97}`,
      data: String(i)
    }))
    const big = {
      Records: aggregate(records, { maxSize: 25_000 }).map(({ data, partitionKey }, i) => ({
        kinesis: { data: data.toString('base64'), partitionKey, sequenceNumber: String(1000 + i) }
      }))
    }
    let next = 0
    const response = await processEvent(big, async ({ data }) => {
      expect(data.toString()).toBe(String(next++))
    })
    expect(response).toEqual({ batchItemFailures: [] })
    expect(next).toBe(records.length)
  })

  it('fits the types of @types/aws-lambda', async () => {
    const handle = vi.fn<(record: DeaggregatedRecord) => void>()
    const handler: KinesisStreamHandler = batch => processEvent(batch, handle)
    expect(await handler(event, undefined as never, undefined as never)).toEqual({ batchItemFailures: [] })
    expect(handle).toHaveBeenCalledTimes(6)
  })
})
