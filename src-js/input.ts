import { viewOf } from './bytes'
import { invalidArgument } from './errors'
import type { KinesisRecordInput } from './types'

/** A Kinesis record with its parts under one name each. Every property of the input is read once. */
export interface Enclosing {
  /** base64 text, or a view of the caller's bytes */
  data: string | Buffer
  /** Set once `data` holds the bytes of an aggregated record. */
  aggregated: boolean
  /** The data as it came. */
  readonly raw: unknown
  readonly partitionKey: unknown
  readonly sequenceNumber: unknown
  readonly approximateArrivalTimestamp: unknown
  /** The record as it was passed in. */
  readonly source: KinesisRecordInput
  /** The object of it that holds data and keys. */
  readonly payload: Record<string, unknown>
  /** The parts have the names of the AWS SDK. */
  readonly isSdk: boolean
}

/** @throws TypeError `ERR_INVALID_ARG_TYPE`: no record, or no data in it */
export function openRecord(record: unknown, name: string): Enclosing {
  if (!isObject(record)) throw invalidArgument(name, 'a Kinesis record', record)
  const source = record as unknown as KinesisRecordInput
  const raw = record['Data']
  if (raw !== undefined) {
    return {
      data: readData(raw, name, 'Data'),
      aggregated: false,
      raw,
      partitionKey: record['PartitionKey'],
      sequenceNumber: record['SequenceNumber'],
      approximateArrivalTimestamp: record['ApproximateArrivalTimestamp'],
      source,
      payload: record,
      isSdk: true
    }
  }
  const kinesis = record['kinesis']
  if (kinesis === undefined) return openPayload(record, name, source)
  if (!isObject(kinesis)) throw invalidArgument(`${name}.kinesis`, 'an object', kinesis)
  return openPayload(kinesis, `${name}.kinesis`, source)
}

function openPayload(payload: Record<string, unknown>, name: string, source: KinesisRecordInput): Enclosing {
  const raw = payload['data']
  const data = readData(raw, name, 'data')
  const metadata = payload['kinesisRecordMetadata'] ?? payload['kinesisStreamRecordMetadata']
  const named = isObject(metadata) ? metadata : payload
  const timestamp = named['approximateArrivalTimestamp']
  return {
    data,
    aggregated: false,
    raw,
    partitionKey: named['partitionKey'],
    sequenceNumber: named['sequenceNumber'],
    approximateArrivalTimestamp: timestamp ?? payload['approximateArrivalTimestamp'],
    source,
    payload,
    isSdk: false
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function readData(data: unknown, owner: string, name: string): string | Buffer {
  if (typeof data === 'string') return data
  const view = viewOf(data)
  if (view !== undefined) return view
  if (isObject(data) && data['type'] === 'Buffer' && Array.isArray(data['data'])) {
    return Buffer.from(data['data'] as number[])
  }
  throw invalidArgument(`${owner}.${name}`, 'base64 text, a Buffer, an ArrayBuffer or a view of one', data)
}

const FIRST_CHARACTERS = '84maw'

/** At least 17 bytes follow the magic. */
const LEAST_BYTES = 21

/** Whether these bytes are an aggregated record: magic and length only. */
export function isAggregatedBytes(bytes: Uint8Array): boolean {
  return (
    bytes.length >= LEAST_BYTES &&
    bytes[0] === 0xf3 &&
    bytes[1] === 0x89 &&
    bytes[2] === 0x9a &&
    bytes[3] === 0xc2
  )
}

/**
 * Whether this base64 text may be an aggregated record. Almost all text is told by its first characters, so
 * that plain records are not decoded to find out what they are.
 */
export function mayBeAggregatedText(text: string): boolean {
  if (text.startsWith(FIRST_CHARACTERS)) {
    // The magic ends within this character: its first two bits are 10, of the other four nothing is known.
    const code = text.charCodeAt(5)
    if (code >= 103 /* g */ && code <= 118 /* v */) return true
  }
  // Line breaks and the like are skipped by the decoder, wherever they are.
  for (let i = 0; i < 6; i++) {
    if (!isBase64Character(text.charCodeAt(i))) return text.length >= LEAST_BYTES
  }
  return false
}

function isBase64Character(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 47 && code <= 57) ||
    code === 43 ||
    code === 45 ||
    code === 95
  )
}

/** Room for the bytes of a base64 text; they may be fewer. */
export function base64Room(text: string): number {
  return ((text.length * 3) >>> 2) + 1
}

/** Whether a record is an aggregated one, without decoding more than its head. */
export function isAggregatedData(data: string | Buffer): boolean {
  if (typeof data !== 'string') return isAggregatedBytes(data)
  if (!mayBeAggregatedText(data)) return false
  const head = Buffer.from(data.slice(0, 64), 'base64')
  // Line breaks may have taken the place of what is looked for.
  return isAggregatedBytes(head.length < LEAST_BYTES ? Buffer.from(data, 'base64') : head)
}
