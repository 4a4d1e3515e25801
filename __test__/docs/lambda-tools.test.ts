/** The recipes of docs/lambda-tools.md with the real packages. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { CachePersistenceLayer } from '@aws-lambda-powertools/idempotency/cache'
import { KinesisDataStreamSchema } from '@aws-lambda-powertools/parser/schemas/kinesis'
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type DeaggregatedRecord, type KinesisStreamEvent, aggregate, processEvent } from 'kinesis-agg'
import { PageFolder } from '../support/pages'
import {
  STREAM,
  aggregated,
  eventOf,
  failedAt,
  numbers,
  plain,
  refused,
  streamRecord,
  text
} from '../support/stream-event'

const PAGE = 'lambda-tools.md'
const folder = new PageFolder([
  '@aws-lambda-powertools/batch',
  '@aws-lambda-powertools/idempotency',
  '@middy/core',
  '@middy/event-normalizer',
  '@opentelemetry/api',
  'zod'
])
afterAll(() => folder.remove())

type Handler = (event: unknown, context?: unknown) => Promise<unknown>

async function handlerOf(word: string, globals: Record<string, unknown> = {}): Promise<Handler> {
  const { handler } = await folder.import(PAGE, word, globals)
  return handler as Handler
}

/** An aggregated record of user records with this data. */
const aggregateOf = (position: number, ...data: unknown[]) =>
  streamRecord(
    position,
    aggregate(data.map(value => ({ partitionKey: 'k', data: JSON.stringify(value) })))[0]!.data.toString(
      'base64'
    )
  )

const lambdaContext = () => ({
  awsRequestId: 'request',
  functionName: 'readings',
  getRemainingTimeInMillis: () => 30_000
})

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('Powertools batch', () => {
  const event = eventOf(plain(0, 'a'), aggregated(1, ['b', 'c', 'd'], 'k'), plain(2, 'e'))

  it('names the enclosing record of a user record that fails, and repeats its whole aggregate', async () => {
    const handled: string[] = []
    let bad = 'c'
    const handle = async (record: DeaggregatedRecord): Promise<void> => {
      if (text(record) === bad) throw refused
      handled.push(text(record))
    }
    const handler = await handlerOf('BatchProcessor', { handle })
    expect(await handler(event, lambdaContext())).toEqual(failedAt(1))
    expect(handled).toEqual(['a', 'b', 'e'])
    bad = ''
    const again = eventOf(...event.Records.slice(1))
    expect(await handler(again, lambdaContext())).toEqual(failedAt())
    expect(handled).toEqual(['a', 'b', 'e', 'b', 'c', 'd', 'e'])
  })

  it('throws if every record fails', async () => {
    const handler = await handlerOf('BatchProcessor', { handle: () => Promise.reject(refused) })
    await expect(handler(event, lambdaContext())).rejects.toThrow('All records failed processing')
  })
})

describe('what decodes data as UTF-8', () => {
  const fixture = JSON.parse(
    readFileSync(join(__dirname, '..', 'fixtures', 'events', 'kinesis.json'), 'utf8')
  ) as KinesisStreamEvent

  it('Powertools parser: the user records are parsed', async () => {
    const save = vi.fn()
    const handler = await handlerOf("from 'zod'", { save })
    expect(await handler(structuredClone(fixture))).toEqual({ batchItemFailures: [] })
    expect(save).toHaveBeenCalledTimes(6)
    expect(save.mock.calls[0]).toEqual([{ device: 'boiler-7', temperature: 20 }])
    const wrong = eventOf(aggregateOf(0, { device: 'boiler-7', temperature: 20 }, { device: 5 }))
    expect(await handler(wrong)).toEqual(failedAt(0))
    expect(save).toHaveBeenCalledTimes(7)
  })

  /** What reaches processEvent then is refused, with an error that says why. */
  async function expectRefused(event: KinesisStreamEvent): Promise<void> {
    const onFailure = vi.fn()
    const handle = vi.fn()
    await processEvent(event, handle, { onFailure })
    expect(handle).not.toHaveBeenCalled()
    expect(onFailure).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringMatching(/base64/)
      }),
      undefined,
      event.Records[0]
    )
  }

  it("Powertools parser: its schema's output is refused, no garbage", async () => {
    const parsed = KinesisDataStreamSchema.parse(structuredClone(fixture))
    expect(parsed.Records[0]!.kinesis.data).not.toBe(fixture.Records[0]!.kinesis.data)
    await expectRefused(parsed as KinesisStreamEvent)
  })

  it("Middy's event-normalizer: its event is refused, no garbage", async () => {
    const { default: middy } = await import('@middy/core')
    const { default: eventNormalizer } = await import('@middy/event-normalizer')
    const inner = vi.fn(async (event: KinesisStreamEvent) => expectRefused(event))
    const handler: unknown = middy()
      .use(eventNormalizer())
      .handler(inner as never)
    await (handler as Handler)(structuredClone(fixture), lambdaContext())
    expect(inner).toHaveBeenCalledOnce()
  })
})

describe('Middy', () => {
  it('wraps processEvent', async () => {
    const handled: string[] = []
    const handle = (record: DeaggregatedRecord): void => {
      if (text(record) === 'c') throw refused
      handled.push(text(record))
    }
    const handler = await handlerOf("from '@middy/core'", { handle })
    const invoked = { ...lambdaContext(), callbackWaitsForEmptyEventLoop: true }
    expect(await handler(eventOf(aggregated(0, ['a', 'b']), plain(1, 'c')), invoked)).toEqual(failedAt(1))
    expect(handled).toEqual(['a', 'b'])
    expect(invoked.callbackWaitsForEmptyEventLoop).toBe(false)
  })
})

describe('Powertools idempotency', () => {
  it('handles each user record once, whichever instance gets it', async () => {
    const stored = new Map<string, string>()
    const client = {
      get: async (name: string) => stored.get(name) ?? null,
      set: async (name: string, value: string, options?: { NX?: boolean }) => {
        if (options?.NX === true && stored.has(name)) return null
        stored.set(name, value)
        return 'OK'
      },
      del: async ([name]: string[]) => Number(stored.delete(name!))
    }
    const charged: string[] = []
    let isDown = true
    const charge = async ({ order }: { order: string }): Promise<void> => {
      if (isDown && order === 'two') throw refused
      charged.push(order)
    }
    const persistenceStore = new CachePersistenceLayer({ client: client as never })
    const handler = await handlerOf('makeIdempotent', { persistenceStore, charge })
    const orders = ['one', 'two', 'three'].map(order => ({ order }))
    const event = eventOf(aggregateOf(0, ...orders), aggregateOf(1, { order: 'one' }))
    expect(await handler(event, lambdaContext())).toEqual(failedAt(0))
    expect(charged).toEqual(['one'])
    isDown = false
    // The same bytes in another Kinesis record are another user record.
    expect(await handler(event, lambdaContext())).toEqual(failedAt())
    expect(charged).toEqual(['one', 'two', 'three', 'one'])
    expect(await handler(event, lambdaContext())).toEqual(failedAt())
    expect(charged).toHaveLength(4)
    expect(stored.size).toBe(4)
  })
})

describe('CloudWatch Logs', () => {
  it('unzips the log events, and passes control messages', async () => {
    const store = vi.fn()
    const handler = await handlerOf('gunzip', { store })
    const zipped = (position: number, message: object) =>
      streamRecord(position, gzipSync(JSON.stringify(message)).toString('base64'))
    const event = eventOf(
      zipped(0, { messageType: 'CONTROL_MESSAGE', logEvents: [{ timestamp: 0, message: 'checking' }] }),
      zipped(1, {
        messageType: 'DATA_MESSAGE',
        logGroup: '/aws/lambda/readings',
        logEvents: [
          { id: '1', timestamp: 5, message: 'one' },
          { id: '2', timestamp: 6, message: 'two' }
        ]
      })
    )
    expect(await handler(event)).toEqual(failedAt())
    expect(store.mock.calls).toEqual([
      ['/aws/lambda/readings', 5, 'one'],
      ['/aws/lambda/readings', 6, 'two']
    ])
    expect(await handler(eventOf(plain(0, 'not gzip')))).toEqual(failedAt(0))
  })
})

describe('OpenTelemetry', () => {
  const exporter = new InMemorySpanExporter()

  afterAll(() => {
    trace.disable()
    propagation.disable()
  })

  it("continues each sender's trace, and describes the span by the source", async () => {
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
    trace.setGlobalTracerProvider(provider)
    propagation.setGlobalPropagator(new W3CTraceContextPropagator())
    const sender = provider.getTracer('sender')
    const spans = ['a', 'b'].map(name => sender.startSpan(name))
    const readings = spans.map((span, i) => {
      const reading: Record<string, unknown> = { temperature: 20 + i }
      propagation.inject(trace.setSpan(context.active(), span), reading)
      return reading
    })
    const save = vi.fn(async ({ temperature }: { temperature: number }) => {
      if (temperature === 21) throw refused
    })
    const handler = await handlerOf('propagation', { save })
    expect(await handler(eventOf(aggregateOf(0, ...readings)))).toEqual(failedAt(0))
    expect(save.mock.calls).toEqual([[{ temperature: 20 }], [{ temperature: 21 }]])
    const finished = exporter.getFinishedSpans()
    expect(finished.map(span => span.spanContext().traceId)).toEqual(
      spans.map(span => span.spanContext().traceId)
    )
    expect(finished.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(
      spans.map(span => span.spanContext().spanId)
    )
    expect(finished.map(({ kind, status }) => [kind, status.code])).toEqual([
      [SpanKind.CONSUMER, SpanStatusCode.UNSET],
      [SpanKind.CONSUMER, SpanStatusCode.ERROR]
    ])
    expect(finished[1]!.attributes).toEqual({
      'messaging.system': 'aws_kinesis',
      'messaging.destination.name': STREAM.split('/')[1],
      'messaging.message.id': '1000/1',
      'aws.kinesis.partition_key': 'k'
    })
  })
})

describe('Firehose', () => {
  interface Answer {
    records: { recordId: string; result: string; data?: string }[]
  }

  it('puts what does not fit into the answer to the source again', async () => {
    const putAgain = vi.fn()
    // 1.5 MB of base64 each: four of them are too many.
    const enrich = (data: string): string => `${data}${'x'.repeat(1_125_000)}`
    const handler = await handlerOf('putAgain', { putAgain, enrich })
    const records = numbers(5).map(number => ({
      recordId: `record-${number}`,
      data: Buffer.from(number).toString('base64')
    }))
    const answer = (await handler({ records })) as Answer
    expect(answer.records.map(({ recordId, result }) => [recordId, result])).toEqual([
      ['record-0', 'Ok'],
      ['record-1', 'Ok'],
      ['record-2', 'Ok'],
      ['record-3', 'Dropped'],
      ['record-4', 'Dropped']
    ])
    expect(putAgain.mock.calls).toEqual([[records[3]], [records[4]]])
    expect(JSON.stringify(answer).length).toBeLessThan(6_000_000)
  })

  it('makes one record of an aggregate that was put to it', async () => {
    const handler = await handlerOf('putAgain', {
      putAgain: expect.unreachable,
      enrich: (data: string) => `<${data}>`
    })
    const { kinesis } = aggregated(0, ['a', 'b'])
    const { records } = (await handler({ records: [{ recordId: 'r', data: kinesis.data }] })) as Answer
    expect(records).toEqual([
      { recordId: 'r', result: 'Ok', data: Buffer.from('<a>\n<b>\n').toString('base64') }
    ])
  })
})
