import { invalidArgument } from '../errors'

/** An event whose records come from a Kinesis stream. */
export interface StreamEvent {
  records: readonly unknown[]
  /** What names a record in the answer. */
  identifier: 'sequenceNumber' | 'eventID'
  /** Of a tumbling window. */
  isWindow: boolean
  /** Of a window: what the function returned before. */
  state: unknown
}

/** A record of such an event, read once: handlers may change what they get. */
export interface EnclosingRecord {
  /** Its place in the event. */
  readonly position: number
  readonly record: unknown
  /** What the answer calls it; `''` if it has no such name. */
  readonly identifier: string
  /** For logs; `''` if it has none. */
  readonly sequenceNumber: string
  /** The same for the record whenever it comes again; undefined if it has no eventID. */
  readonly memoryKey: string | undefined
}

const STREAM_EVENT = 'a Kinesis stream event, which has Records'
const PIPES_EVENT = 'the array of an EventBridge pipe'
const FAILED_BATCH = 'the S3 object of an on-failure destination, which has a payload'
const TRANSFORM_EVENT = 'a Firehose or Analytics event, which has records'

const STREAM_EVENTS = `${STREAM_EVENT}, ${PIPES_EVENT}, or ${FAILED_BATCH}`
const ALL_EVENTS = `${STREAM_EVENT}, ${PIPES_EVENT}, ${FAILED_BATCH}, or ${TRANSFORM_EVENT}`

/**
 * The records of any event that {@link deaggregateEvent} takes.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function readAnyEvent(event: unknown): readonly unknown[] {
  const records = isObject(event) && event['Records'] === undefined ? event['records'] : undefined
  if (records !== undefined) return checkRecords(records, 'event.records', ALL_EVENTS)
  return readEvent(event, ALL_EVENTS).records
}

/**
 * An event that {@link processEvent} takes.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function readStreamEvent(event: unknown): StreamEvent {
  return readEvent(event, STREAM_EVENTS)
}

function readEvent(event: unknown, expected: string): StreamEvent {
  if (!isObject(event)) throw invalidArgument('event', expected, event)
  if (Array.isArray(event)) {
    const records = checkRecords(event, 'event', expected)
    if (isObject(records[0]) && records[0]['kinesis'] !== undefined) {
      throw notThis(expected, 'an array of its records: pass the event itself, not event.Records')
    }
    return { records, identifier: 'eventID', isWindow: false, state: undefined }
  }
  const records = event['Records']
  if (records !== undefined) {
    return {
      records: checkRecords(records, 'event.Records', expected),
      identifier: 'sequenceNumber',
      isWindow: isObject(event['window']),
      state: event['state']
    }
  }
  if (event['payload'] !== undefined) return readEvent(readPayload(event['payload']), expected)
  if (event['KinesisBatchInfo'] !== undefined) {
    throw notThis(
      expected,
      'a message of an on-failure destination, which names a batch and has no records: ' +
        'read them with fetchFailedBatch of kinesis-agg/sdk'
    )
  }
  throw notThis(expected, `an object with ${Object.keys(event).slice(0, 5).join(', ') || 'nothing in it'}`)
}

/** What Lambda kept of a failed batch: the event that it had invoked the function with, as JSON. */
function readPayload(payload: unknown): unknown {
  if (typeof payload !== 'string') throw invalidArgument('event.payload', 'JSON text', payload)
  let event: unknown
  try {
    event = JSON.parse(payload)
  } catch {
    throw invalidArgument('event.payload', 'JSON text', payload)
  }
  if (isObject(event) && event['Records'] !== undefined) return event
  throw invalidArgument('event.payload', `the JSON text of ${STREAM_EVENT}`, payload)
}

function checkRecords(records: unknown, name: string, expected: string): readonly unknown[] {
  if (!Array.isArray(records)) throw invalidArgument(name, 'an array of records', records)
  const source = foreignSource(records[0])
  if (source !== undefined) throw notThis(expected, `one of ${source}`)
  return records
}

/** The events of SQS, DynamoDB, S3 and others have Records too, which say whose they are. */
function foreignSource(record: unknown): string | undefined {
  if (!isObject(record)) return undefined
  const { kinesis, eventSource, EventSource = eventSource } = record
  return kinesis === undefined && typeof EventSource === 'string' && EventSource !== 'aws:kinesis'
    ? EventSource
    : undefined
}

function notThis(expected: string, actual: string): TypeError {
  const error = new TypeError(`event must be ${expected}, got ${actual}`)
  return Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' })
}

/** The records of an event with their names. There may be anything in the place of a record. */
export function readEnclosingRecords({ records, identifier }: StreamEvent): EnclosingRecord[] {
  const enclosing = records.map((record, position): EnclosingRecord => {
    const { eventID, eventSourceARN, kinesis = record } = isObject(record) ? record : {}
    const sequenceNumber = isObject(kinesis) ? textOf(kinesis['sequenceNumber']) : ''
    const id = textOf(eventID)
    return {
      position,
      record,
      identifier: identifier === 'eventID' ? id : sequenceNumber,
      sequenceNumber,
      memoryKey: id === '' ? undefined : `${textOf(eventSourceARN)} ${id}`
    }
  })
  return enclosing
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
