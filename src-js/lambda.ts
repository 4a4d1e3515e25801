import { checkOptions, deaggregateAll } from './deaggregate'
import { invalidArgument } from './errors'
import { type Enclosed, runHandlers } from './run-handlers'
import type {
  AnalyticsPreprocessingEvent,
  DeaggregateOptions,
  FirehoseTransformationEvent,
  KinesisRecordInput,
  KinesisStreamBatchResponse,
  KinesisStreamEvent,
  ProcessEventOptions,
  UserRecord
} from './types'

/**
 * The user records of a whole Lambda event, in order: of a Kinesis stream (with or without a tumbling
 * window), of a Firehose transformation, or of a Kinesis Analytics (Managed Service for Apache Flink)
 * preprocessing. What belongs to the enclosing record (`recordId`, `eventID`) is in reach as `source`.
 *
 * @param options see {@link DeaggregateOptions}
 * @throws KinesisAggError `ERR_INVALID_CHECKSUM`, `ERR_MALFORMED_RECORD`: a record is damaged; it is `record`
 * and `sequenceNumber` of the error, and nothing was handed out
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: no event, or a record in it has no data
 * @example
 * exports.handler = async event => {
 *   for (const { partitionKey, data } of deaggregateEvent(event)) console.log(partitionKey, String(data))
 * }
 */
export function deaggregateEvent(
  event: KinesisStreamEvent | FirehoseTransformationEvent | AnalyticsPreprocessingEvent,
  options?: DeaggregateOptions
): UserRecord[] {
  const checked = checkOptions(options)
  return deaggregateAll(recordsOf(event, 'Records', 'records'), checked)
}

/**
 * Runs `handler` over the user records of a Kinesis stream event, in order, one at a time unless `concurrency`
 * says otherwise, and makes the response that tells Lambda where to begin again.
 *
 * At the first failure it stops and reports the sequence number of the enclosing Kinesis record: Lambda
 * retries from there, so that user records of the same aggregate that were handled already come again. A
 * record that cannot be decoded fails in its turn, after all before it were handled.
 *
 * The event source mapping must have `FunctionResponseTypes: ['ReportBatchItemFailures']`. Without it Lambda
 * does not read the response, and takes every one for success.
 *
 * @param handler has handled a record when it returns, or when its promise is fulfilled
 * @param options see {@link ProcessEventOptions}
 * @returns `{ batchItemFailures: [] }`, or with the one `{ itemIdentifier }` to begin at
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: no Kinesis stream event, or `handler` is no function (a rejection,
 * as all of these are)
 * @throws the failure itself, if the enclosing record has no sequence number to report: Lambda retries the
 * whole batch then
 * @example
 * exports.handler = event => processEvent(event, async record => save(record.partitionKey, record.data))
 */
export async function processEvent(
  event: KinesisStreamEvent,
  handler: (record: UserRecord) => unknown,
  options?: ProcessEventOptions
): Promise<KinesisStreamBatchResponse> {
  const checked = checkOptions(options)
  const onFailure: unknown = options?.onFailure
  const concurrency: unknown = options?.concurrency ?? 1
  if (onFailure !== undefined && typeof onFailure !== 'function') {
    throw invalidArgument('options.onFailure', 'a function', onFailure)
  }
  if (typeof concurrency !== 'number' || !Number.isInteger(concurrency) || concurrency < 1) {
    throw invalidArgument('options.concurrency', 'a whole number from 1', concurrency)
  }
  if (typeof handler !== 'function') throw invalidArgument('handler', 'a function', handler)
  const records = recordsOf(event, 'Records')

  const current: Enclosed = { record: undefined, sequenceNumber: '' }
  const failure = await runHandlers(inOrder(records, checked, current), current, handler, concurrency)
  if (failure === undefined) return { batchItemFailures: [] }
  const { error, record, sequenceNumber } = failure
  // Lambda reads a response that names no record as success.
  if (sequenceNumber === '') throw error
  if (options?.onFailure !== undefined) await options.onFailure(error, record as KinesisRecordInput)
  else console.error(`Kinesis record ${sequenceNumber} was not handled:`, error)
  return { batchItemFailures: [{ itemIdentifier: sequenceNumber }] }
}

/**
 * The user records of all records, decoded together. If that fails, one Kinesis record at a time is decoded
 * when its turn comes, so that those before the damaged one are handled.
 */
function* inOrder(
  records: readonly unknown[],
  options: DeaggregateOptions,
  current: Enclosed
): IterableIterator<UserRecord> {
  const together = decodeTogether(records, options)
  if (together !== undefined) {
    for (const record of together) {
      current.record = record.source
      current.sequenceNumber = record.sequenceNumber
      yield record
    }
    return
  }
  // A copy, since the handler may change the event meanwhile.
  for (const record of records.slice()) {
    current.record = record
    current.sequenceNumber = sequenceNumberOf(record)
    yield* deaggregateAll([record], options)
  }
}

function decodeTogether(records: readonly unknown[], options: DeaggregateOptions): UserRecord[] | undefined {
  try {
    return deaggregateAll(records, options)
  } catch {
    return undefined
  }
}

/** `''` if it has none: there may be anything in the place of a record. */
function sequenceNumberOf(record: unknown): string {
  const { kinesis } = (record ?? {}) as { kinesis?: { sequenceNumber?: unknown } | null }
  const sequenceNumber = kinesis?.sequenceNumber
  return typeof sequenceNumber === 'string' ? sequenceNumber : ''
}

/** The events that have their records in this place. */
const EVENTS = {
  Records: 'a Kinesis stream event, which has Records',
  records: 'a Firehose or Analytics event, which has records'
}

/** @throws TypeError `ERR_INVALID_ARG_TYPE` */
function recordsOf(event: unknown, ...places: (keyof typeof EVENTS)[]): readonly unknown[] {
  const expected = places.map(place => EVENTS[place]).join(', or ')
  if (typeof event !== 'object' || event === null) throw invalidArgument('event', expected, event)
  for (const place of places) {
    const records = (event as Record<string, unknown>)[place]
    if (records === undefined) continue
    if (!Array.isArray(records)) throw invalidArgument(`event.${place}`, 'an array of records', records)
    const source = foreignSource(records[0])
    if (source !== undefined) throw notThis(expected, `one of ${source}`)
    return records
  }
  if (Array.isArray(event)) throw notThis(expected, 'an array')
  throw notThis(expected, `an object with ${Object.keys(event).slice(0, 5).join(', ') || 'nothing in it'}`)
}

/** The events of SQS, DynamoDB, S3 and others have Records too, which say whose they are. */
function foreignSource(record: unknown): string | undefined {
  const { kinesis, eventSource, EventSource = eventSource } = (record ?? {}) as Record<string, unknown>
  return kinesis === undefined && typeof EventSource === 'string' ? EventSource : undefined
}

function notThis(expected: string, actual: string): TypeError {
  const error = new TypeError(`event must be ${expected}, got ${actual}`)
  return Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' })
}
