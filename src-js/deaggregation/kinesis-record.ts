import { Buffer } from 'node:buffer'
import { viewOf } from '../bytes'
import { invalidArgument, nameOf } from '../errors'
import type { KinesisRecordInput } from '../types'

/** A Kinesis record with its parts under one name each. Every property of the input is read once. */
export interface KinesisRecordParts {
  /** base64 text, or a view of the caller's bytes */
  data: string | Buffer
  /** The data as it came. */
  readonly raw: unknown
  readonly partitionKey: unknown
  readonly sequenceNumber: unknown
  readonly approximateArrivalTimestamp: unknown
  /** Of a plain record that comes out of an aggregate: those that handed it on may have taken that apart. */
  readonly subSequenceNumber: unknown
  /** The record as it was passed in. */
  readonly source: KinesisRecordInput
  /** The object of it that holds data and keys. */
  readonly payload: Record<string, unknown>
  /** The parts have the names of the AWS SDK. */
  readonly isSdk: boolean
}

/**
 * @param number the record's place in the caller's list, or {@link ALONE}; for the error
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: no record, or no data in it
 */
export function readKinesisRecord(record: unknown, number: number): KinesisRecordParts {
  if (!isObject(record)) throw invalidArgument(nameOf(number), 'a Kinesis record', record)
  const raw = record['Data']
  if (raw !== undefined) return openSdkRecord(record, raw, number)
  const payload = payloadOf(record, number)
  return openPayload(record, payload, payload['data'], payload['recordId'], number)
}

/** A record with the names of the AWS SDK. */
function openSdkRecord(record: Record<string, unknown>, raw: unknown, number: number): KinesisRecordParts {
  return {
    data: readData(record, raw, number, '.Data'),
    raw,
    partitionKey: record['PartitionKey'],
    sequenceNumber: record['SequenceNumber'],
    approximateArrivalTimestamp: record['ApproximateArrivalTimestamp'],
    subSequenceNumber: undefined,
    source: record as unknown as KinesisRecordInput,
    payload: record,
    isSdk: true
  }
}

/** The object with data and keys of a record that has no `Data`. */
function payloadOf(record: Record<string, unknown>, number: number): Record<string, unknown> {
  const kinesis = record['kinesis']
  if (kinesis === undefined) return record
  if (!isObject(kinesis)) throw invalidArgument(`${nameOf(number)}.kinesis`, 'an object', kinesis)
  return kinesis
}

/**
 * {@link readKinesisRecord}, but for a plain record with base64 text, which are most records of many a function: those are told
 * apart before all the rest is read, and become what `plain` makes of them.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function readUnlessPlain<T>(
  record: unknown,
  number: number,
  plain: (
    payload: Record<string, unknown>,
    text: string,
    record: Record<string, unknown>,
    number: number
  ) => T
): KinesisRecordParts | T {
  if (!isObject(record)) throw invalidArgument(nameOf(number), 'a Kinesis record', record)
  const raw = record['Data']
  if (raw !== undefined) return openSdkRecord(record, raw, number)
  const payload = payloadOf(record, number)
  const data = payload['data']
  const recordId = payload['recordId']
  if (typeof data !== 'string' || recordId !== undefined || mayBeAggregatedText(data)) {
    return openPayload(record, payload, data, recordId, number)
  }
  return plain(payload, data, record, number)
}

function openPayload(
  record: Record<string, unknown>,
  payload: Record<string, unknown>,
  raw: unknown,
  recordId: unknown,
  number: number
): KinesisRecordParts {
  const data = readData(record, raw, number, payload === record ? '.data' : '.kinesis.data')
  let named = payload
  let timestamp: unknown
  // As KCL's MultiLangDaemon names it.
  let subSequenceNumber = payload['subSequenceNumber']
  // Records of transformation events have an id, and keep what is Kinesis' own apart.
  if (recordId !== undefined) {
    const metadata = payload['kinesisRecordMetadata'] ?? payload['kinesisStreamRecordMetadata']
    if (isObject(metadata)) {
      named = metadata
      timestamp = metadata['approximateArrivalTimestamp']
      subSequenceNumber = metadata['subsequenceNumber']
    }
  }
  return {
    data,
    raw,
    partitionKey: named['partitionKey'],
    sequenceNumber: named['sequenceNumber'],
    approximateArrivalTimestamp: timestamp ?? payload['approximateArrivalTimestamp'],
    subSequenceNumber,
    source: record as unknown as KinesisRecordInput,
    payload,
    isSdk: false
  }
}

/** Streams whose record distribution Kinesis manages have records without a partition key. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function readData(
  record: Record<string, unknown>,
  data: unknown,
  number: number,
  path: string
): string | Buffer {
  if (typeof data === 'string') return data
  const view = viewOf(data)
  if (view !== undefined) return view
  if (isObject(data) && data['type'] === 'Buffer' && Array.isArray(data['data'])) {
    return Buffer.from(data['data'] as number[])
  }
  if (data === undefined) checkIsNoList(record, number)
  const name = nameOf(number) + path
  throw invalidArgument(name, 'base64 text, a Buffer, an ArrayBuffer or a view of one', data)
}

/** Says so if what was passed holds records instead of being one. @throws TypeError `ERR_INVALID_ARG_TYPE` */
function checkIsNoList(record: Record<string, unknown>, number: number): void {
  const list = ['Records', 'records'].find(name => Array.isArray(record[name]))
  if (list === undefined) return
  const name = nameOf(number)
  const expected = `a Kinesis record, not what holds a list of them (pass its ${list}, or an event to deaggregateEvent)`
  throw invalidArgument(name, expected, record)
}

/** At least 17 bytes follow the magic. */
const MIN_BYTES = 21

/** Whether these bytes are an aggregated record: magic and length only. */
export function isAggregatedBytes(bytes: Uint8Array): boolean {
  return (
    bytes.length >= MIN_BYTES &&
    bytes[0] === 0xf3 &&
    bytes[1] === 0x89 &&
    bytes[2] === 0x9a &&
    bytes[3] === 0xc2
  )
}

/** 1 for the codes of base64's characters, in both alphabets. */
const BASE64 = new Uint8Array(128)
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_') {
  BASE64[character.charCodeAt(0)] = 1
}

/**
 * Whether this base64 text may be an aggregated record. Almost all text is told by its first characters, so
 * that plain records are not decoded to find out what they are.
 */
export function mayBeAggregatedText(text: string): boolean {
  // The magic ends within the sixth character; of that a decoder knows.
  if (text.startsWith('84maw')) return true
  // Line breaks and the like are skipped by the decoder, wherever they are.
  for (let i = 0; i < 5; i++) {
    if (BASE64[text.charCodeAt(i)] !== 1) return text.length > MIN_BYTES
  }
  return false
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
  return isAggregatedBytes(head.length < MIN_BYTES ? Buffer.from(data, 'base64') : head)
}
