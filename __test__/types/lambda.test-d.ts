/** What has to compile of Lambda and the streams; `tsc -p __test__` checks it, and nothing here runs. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyHandlerV2,
  Context,
  Handler,
  KinesisStreamEvent,
  KinesisStreamHandler,
  KinesisStreamRecord,
  KinesisStreamTumblingWindowEvent,
  KinesisStreamTumblingWindowHandler,
  FirehoseTransformationEvent,
  FirehoseTransformationEventRecord
} from 'aws-lambda'
import {
  type AggregateInput,
  type DeaggregatedRecord,
  type EncodedRecord,
  type FailedBatchObject,
  type PipesEvent,
  type PipesKinesisRecord,
  type RecordOf,
  ResumeMemory,
  type SdkRecord,
  aggregateStream,
  deaggregateEvent,
  deaggregateStream,
  deaggregateSync,
  processEvent
} from 'kinesis-agg'
import {
  type Forwarded,
  KinesisProducer,
  type ProducerRecord,
  type StreamHandle,
  forwardEvent
} from 'kinesis-agg/producer'
import { fetchFailedBatch } from 'kinesis-agg/sdk'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { expectTypeOf } from 'vitest'

declare const event: KinesisStreamEvent
declare const windowed: KinesisStreamTumblingWindowEvent
declare const firehose: FirehoseTransformationEvent
declare const pipes: PipesEvent
declare const failedBatch: FailedBatchObject
declare const context: Context

expectTypeOf<RecordOf<KinesisStreamEvent>>().toEqualTypeOf<KinesisStreamRecord>()
expectTypeOf<RecordOf<FirehoseTransformationEvent>>().toEqualTypeOf<FirehoseTransformationEventRecord>()
expectTypeOf<RecordOf<PipesEvent>>().toEqualTypeOf<PipesKinesisRecord>()

// The source is what came in.
for (const { source } of deaggregateEvent(event)) expectTypeOf(source.eventID).toEqualTypeOf<string>()
for (const { source } of deaggregateEvent(firehose)) expectTypeOf(source.recordId).toEqualTypeOf<string>()
for (const { source } of deaggregateEvent(pipes))
  expectTypeOf(source.eventID).toEqualTypeOf<string | undefined>()
deaggregateEvent(failedBatch)
// @ts-expect-error the whole event
deaggregateEvent(event.Records)

// The handlers of @types/aws-lambda, without casts.
export const handler: KinesisStreamHandler = (batch, lambda) =>
  processEvent(
    batch,
    async ({ data, source }, { signal }) => {
      expectTypeOf(data).toEqualTypeOf<Buffer>()
      expectTypeOf(source).toEqualTypeOf<KinesisStreamRecord>()
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
    },
    {
      concurrency: 10,
      context: lambda,
      reserveMs: 1000,
      bisect: true,
      resume: new ResumeMemory(),
      onFailure: (error, record, source) => {
        expectTypeOf(error).toEqualTypeOf<unknown>()
        expectTypeOf(record?.source).toEqualTypeOf<KinesisStreamRecord | undefined>()
        expectTypeOf(source).toEqualTypeOf<KinesisStreamRecord>()
        return 'skip'
      }
    }
  )
export const inChunks: KinesisStreamHandler = batch =>
  processEvent(
    batch,
    records => {
      expectTypeOf(records[0]!.source).toEqualTypeOf<KinesisStreamRecord>()
    },
    { chunkSize: 100 }
  )

interface Counts {
  [key: string]: number
}
interface Total {
  sum: number
}
export const windowHandler: KinesisStreamTumblingWindowHandler = batch =>
  processEvent(batch, ({ partitionKey }, state) => {
    state[partitionKey] = (state[partitionKey] ?? 0) + 1
  })
export const typedWindowHandler: KinesisStreamTumblingWindowHandler = async batch => {
  const { state } = await processEvent(batch, ({ partitionKey }, counts: Counts) => {
    counts[partitionKey] = (counts[partitionKey] ?? 0) + 1
    return counts
  })
  return { state }
}
export const totalHandler: KinesisStreamTumblingWindowHandler = batch =>
  processEvent(batch, async ({ data }, { sum }: Total) => ({ sum: sum + data.length }), { context })
expectTypeOf(processEvent(windowed, (_, total: Total) => total)).resolves.toEqualTypeOf<{
  state: Total
  batchItemFailures: []
}>()
// @ts-expect-error a number is no state
void processEvent(windowed, ({ data }) => data.length)

void processEvent(pipes, ({ source }) => expectTypeOf(source).toEqualTypeOf<PipesKinesisRecord>())
void processEvent(failedBatch, () => {})
// @ts-expect-error no stream event
void processEvent(firehose, () => {})
// @ts-expect-error no such option
void processEvent(event, () => {}, { flushIntervalMs: 5 })
// @ts-expect-error chunks are arrays
void processEvent(event, ({ data }) => data, { chunkSize: 5 })

// From stream to stream, as it is: a DeaggregatedRecord is a ProducerRecord.
declare const producer: KinesisProducer
declare const target: StreamHandle
export const forwardHandler: KinesisStreamHandler = (batch, lambda) =>
  forwardEvent(batch, producer, record => record, { context: lambda })
export const mappingHandler: KinesisStreamHandler = (batch, lambda) =>
  forwardEvent(
    batch,
    target,
    async ({ data, source, partitionKey }) => {
      expectTypeOf(data).toEqualTypeOf<Buffer>()
      expectTypeOf(source).toEqualTypeOf<KinesisStreamRecord>()
      if (data.length === 0) return undefined
      return [{ partitionKey, data, stream: 'other', context: source.eventID }]
    },
    {
      concurrency: 10,
      context: lambda,
      signal: AbortSignal.timeout(1000),
      bisect: true,
      resume: new ResumeMemory(),
      hashKeyRange: { startingHashKey: '0', endingHashKey: '1' },
      onFailure: (error, record, source) => {
        expectTypeOf(error).toEqualTypeOf<unknown>()
        expectTypeOf(record?.source).toEqualTypeOf<KinesisStreamRecord | undefined>()
        expectTypeOf(source).toEqualTypeOf<KinesisStreamRecord>()
        return 'skip'
      }
    }
  )
export const windowForwarder: KinesisStreamTumblingWindowHandler = (batch, lambda) =>
  forwardEvent(batch, producer, record => record, { context: lambda })
expectTypeOf<Forwarded>().toEqualTypeOf<ProducerRecord | readonly ProducerRecord[] | undefined>()
void forwardEvent(pipes, producer, ({ source, data }) => {
  expectTypeOf(source).toEqualTypeOf<PipesKinesisRecord>()
  return { PartitionKey: undefined, Data: data }
})
void forwardEvent(failedBatch, producer, record => record)
// @ts-expect-error no stream event
void forwardEvent(firehose, producer, record => record)
// @ts-expect-error the key's property is required
void forwardEvent(event, producer, ({ data }) => ({ data }))
// @ts-expect-error text is no record
void forwardEvent(event, producer, ({ data }) => data.toString())
// @ts-expect-error map takes one record
void forwardEvent(event, producer, record => record, { chunkSize: 5 })
// @ts-expect-error a client is no producer
void forwardEvent(event, new KinesisClient({}), record => record)

// wrapHandler keeps the handler's type.
export const wrapped: KinesisStreamHandler = producer.wrapHandler<KinesisStreamHandler>(batch => {
  for (const { partitionKey, data } of deaggregateEvent(batch)) producer.write({ partitionKey, data })
})
export const orders: Handler<{ orders: string[] }, number> = producer.wrapHandler(
  async ({ orders }: { orders: string[] }, lambda: Context) => {
    for (const data of orders) producer.write({ partitionKey: lambda.awsRequestId, data })
    return orders.length
  },
  { reserveMs: 1000 }
)
export const api: APIGatewayProxyHandlerV2 = producer.wrapHandler(async (request: APIGatewayProxyEventV2) => {
  producer.write({ partitionKey: request.requestContext.requestId, data: request.body ?? '' })
  return { statusCode: 202 }
})
expectTypeOf(producer.wrapHandler(async (count: number) => count * 2)(2)).resolves.toEqualTypeOf<number>()
// @ts-expect-error no handler
producer.wrapHandler('index.handler')
// @ts-expect-error milliseconds
producer.wrapHandler(async () => 1, { reserveMs: '5' })

// The streams are typed by their elements, and fit pipe and pipeline.
const aggregating = aggregateStream({ lingerMs: 100 })
aggregating.write({ partitionKey: 'a', data: 'x' })
// @ts-expect-error no user record
aggregating.write('x')
const deaggregating = deaggregateStream<SdkRecord>()
deaggregating.write({ Data: Buffer.alloc(1), PartitionKey: 'a' })
// @ts-expect-error no such record
deaggregating.write({ data: 'eA==' })
export async function both(inputs: AggregateInput[]): Promise<void> {
  for await (const encoded of aggregating.iterator()) expectTypeOf(encoded).toEqualTypeOf<EncodedRecord>()
  expectTypeOf(await deaggregating.toArray()).toEqualTypeOf<DeaggregatedRecord<SdkRecord>[]>()
  for await (const one of Readable.from(inputs).pipe(aggregateStream())) void (one as EncodedRecord)
  await pipeline(Readable.from(inputs), aggregateStream(), async function (encoded) {
    for await (const record of encoded) void record
  })
}

// What fetchFailedBatch reads is an input as it is.
export async function again(message: unknown): Promise<void> {
  const { records, exact } = await fetchFailedBatch(new KinesisClient({}), message)
  expectTypeOf(exact).toEqualTypeOf<boolean>()
  expectTypeOf(deaggregateSync(records)).toEqualTypeOf<DeaggregatedRecord<SdkRecord>[]>()
}
