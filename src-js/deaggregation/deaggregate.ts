import type { Buffer } from 'node:buffer'
import { native } from '../native/loader'
import { copyIfShared } from '../bytes'
import { ALONE, invalidArgument, nameOf } from '../errors'
import { decodeBase64 } from './base64-text'
import { filterByHashKeyRange } from './hash-key-range'
import { KeyTable, errorAt, wordsOf } from './decoded-index'
import {
  type KinesisRecordParts,
  isAggregatedBytes,
  isAggregatedData,
  readKinesisRecord,
  readUnlessPlain,
  textOf
} from './kinesis-record'
import { type DeaggregateSettings, checkOptions } from './options'
import { type Found, salvage } from './salvage'
import { HEADER_WORDS, KEY_WORDS, RECORD_WORDS, STATUS_RECORDS } from '../native/layout'
import { releaseScratch, scratchIndex } from '../native/scratch'
import type { DeaggregateOptions, KinesisRecordInput, DeaggregatedRecord } from '../types'

/** Words of index that are there at first, and to which it grows to take many records in one native call. */
const MIN_WORDS = 4096
const MAX_WORDS = 1024 * 1024

/** Bytes of aggregated records that are decoded while what base64 wrote is still in the CPU's cache. */
const BATCH_BYTES = 512 * 1024
/** So many digests are computed side by side. */
const MD5_LANES = 16

/**
 * Whether a record is an aggregated one: looks at magic and length, verifies and decodes nothing.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function isAggregated(record: KinesisRecordInput): boolean {
  return isAggregatedData(readKinesisRecord(record, ALONE).data)
}

/**
 * The user records of Kinesis records, one Kinesis record at a time: a lazy `deaggregateSync`.
 *
 * A damaged record throws when its turn comes; what was yielded before stays good. Wrong options throw at once.
 *
 * @throws KinesisAggError `ERR_INVALID_CHECKSUM`, `ERR_MALFORMED_RECORD`, with `hashKeyRange` also
 * `ERR_INVALID_HASH_KEY`
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function iterateUserRecords<R extends KinesisRecordInput>(
  records: Iterable<R>,
  options?: DeaggregateOptions
): IterableIterator<DeaggregatedRecord<R>> {
  if (typeof records !== 'object' || records === null || !(Symbol.iterator in records)) {
    throw invalidArgument('records', 'an iterable of Kinesis records', records)
  }
  return userRecordsOf(records, checkOptions(options)) as IterableIterator<DeaggregatedRecord<R>>
}

function* userRecordsOf(
  records: Iterable<KinesisRecordInput>,
  settings: DeaggregateSettings
): IterableIterator<DeaggregatedRecord> {
  for (const record of records) yield* deaggregateAll([record], settings)
}

/**
 * The user records of many Kinesis records, in order. What throws has handed out nothing, to `onInvalidRecord`
 * neither.
 */
export function deaggregateAll(
  records: readonly unknown[],
  settings: DeaggregateSettings
): DeaggregatedRecord[] {
  const { userRecords, invalid } = findAll(records, settings)
  for (const { error, source } of invalid) settings.onInvalidRecord!(error(), source)
  return userRecords
}

/** As {@link deaggregateAll}, for a caller who calls `onInvalidRecord` at a time of its own. */
export function findAll(records: readonly unknown[], settings: DeaggregateSettings): Found {
  const out: Found = { userRecords: [], invalid: [] }
  if (records.length === 1) appendOne(out, readKinesisRecord(records[0], ALONE), settings)
  else appendMany(out, records, settings)
  return settings.range === undefined ? out : filterByHashKeyRange(out, settings.range, settings.onInvalid)
}

function appendOne(out: Found, enclosing: KinesisRecordParts, settings: DeaggregateSettings): void {
  const bytes = decodeText(enclosing, ALONE)
  if (!isAggregatedBytes(bytes)) {
    out.userRecords.push(plainRecord(enclosing))
    return
  }
  const index = decodeAlone(steadyBytes(enclosing, bytes), settings.verify)
  appendFound(out, enclosing, index, 0, settings)
  releaseScratch(bytes.length)
}

function appendMany(out: Found, records: readonly unknown[], settings: DeaggregateSettings): void {
  let list: (KinesisRecordParts | DeaggregatedRecord)[] = []
  let aggregated: Buffer[] = []
  let length = 0
  for (let i = 0; i < records.length; i++) {
    // Reading the caller's objects may run code of theirs, so it comes while scratch is not in use.
    let opened = readUnlessPlain(records[i], i, plainText)
    if ('raw' in opened) {
      const bytes = decodeText(opened, i)
      if (isAggregatedBytes(bytes)) {
        aggregated.push(steadyBytes(opened, bytes))
        length += bytes.length
      } else opened = plainRecord(opened)
    }
    if (aggregated.length === 0) out.userRecords.push(opened as DeaggregatedRecord)
    else list.push(opened)
    if (length >= BATCH_BYTES && aggregated.length % MD5_LANES === 0) {
      decodeInto(out, list, aggregated, settings)
      list = []
      aggregated = []
      length = 0
    }
  }
  if (list.length > 0) decodeInto(out, list, aggregated, settings)
}

/**
 * Takes the bytes for the data of a record that came with base64.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: the text is no base64
 */
function decodeText(enclosing: KinesisRecordParts, number: number): Buffer {
  const { data, isSdk, payload, source } = enclosing
  if (typeof data !== 'string') return data
  const path = isSdk ? '.Data' : (payload as unknown) === source ? '.data' : '.kinesis.data'
  return (enclosing.data = decodeBase64(data) ?? refuseText(data, nameOf(number) + path))
}

function refuseText(text: string, name: string): never {
  throw invalidArgument(name, 'base64 text (if something has decoded it already, pass a Buffer)', text)
}

/** Bytes that were decoded from text are nobody else's. */
function steadyBytes(enclosing: KinesisRecordParts, bytes: Buffer): Buffer {
  return typeof enclosing.raw === 'string' ? bytes : copyIfShared(bytes)
}

function plainText(
  payload: Record<string, unknown>,
  text: string,
  record: Record<string, unknown>,
  number: number
): DeaggregatedRecord {
  const data =
    decodeBase64(text) ?? refuseText(text, nameOf(number) + (payload === record ? '.data' : '.kinesis.data'))
  return plainUserRecord(payload, data, record as unknown as KinesisRecordInput)
}

/** Decodes records, the first of which is an aggregated one, as many at once as the index has room for. */
function decodeInto(
  out: Found,
  list: (KinesisRecordParts | DeaggregatedRecord)[],
  aggregated: Buffer[],
  settings: DeaggregateSettings
): void {
  const { verify } = settings
  let decoded = 0
  let next = 0
  let at = 0
  let index = scratchIndex(MIN_WORDS)
  for (const enclosing of list) {
    if (!('raw' in enclosing)) {
      out.userRecords.push(enclosing)
      continue
    }
    if (next === decoded) {
      if (next + 1 === aggregated.length) {
        index = decodeAlone(aggregated[next]!, verify)
        decoded++
      } else {
        let count = native.decodeMany(aggregated, next, verify, index, MAX_WORDS)
        if (count === 0) {
          index = scratchIndex(index[0]!)
          count = native.decodeMany(aggregated, next, verify, index, MAX_WORDS)
        }
        decoded += count
      }
      at = 0
    }
    appendFound(out, enclosing, index, at, settings)
    at += wordsOf(index, at)
    next++
  }
  // Words of the last call, which say as much about the size of what comes next as bytes would.
  releaseScratch(at)
}

/** The index of one record. */
function decodeAlone(bytes: Buffer, verify: boolean): Uint32Array {
  const index = scratchIndex(MIN_WORDS)
  const needed = native.decode(bytes, bytes.length, verify, index)
  if (needed <= index.length) return index
  const larger = scratchIndex(needed)
  native.decode(bytes, bytes.length, verify, larger)
  return larger
}

/** What the index says at `at` about an aggregated record: its user records, itself, or an error. */
function appendFound(
  out: Found,
  enclosing: KinesisRecordParts,
  index: Uint32Array,
  at: number,
  { onInvalid }: DeaggregateSettings
): void {
  if (index[at] === STATUS_RECORDS) {
    appendUserRecords(out.userRecords, enclosing, index, at)
    return
  }
  const error = errorAt(index, at, enclosing)
  if (error !== undefined && onInvalid !== 'passthrough') {
    if (onInvalid === 'salvage' && error.code === 'ERR_MALFORMED_RECORD' && salvage(out, enclosing)) return
    releaseScratch(at)
    throw error
  }
  // Another record's getter has taken the bytes away since they were looked at.
  if (error === undefined && typeof enclosing.raw !== 'string') checkStays(enclosing)
  out.userRecords.push(plainRecord(enclosing))
}

/** @throws TypeError `ERR_INVALID_ARG_TYPE`: what was an aggregated record is none any more */
function checkStays({ data, raw }: KinesisRecordParts): void {
  if (isAggregatedBytes(data as Buffer)) return
  throw invalidArgument('record.data', 'memory that stays while records are read', raw)
}

/** Makes the user records of the aggregated record whose header is at `at`. */
function appendUserRecords(
  out: DeaggregatedRecord[],
  enclosing: KinesisRecordParts,
  index: Uint32Array,
  at: number
): void {
  const bytes = enclosing.data as Buffer
  const { approximateArrivalTimestamp, source } = enclosing as {
    approximateArrivalTimestamp: number | Date
  } & KinesisRecordParts
  const sequenceNumber = textOf(enclosing.sequenceNumber)
  const keys = KeyTable.of(bytes, index, at + HEADER_WORDS, index[at + 1]!)
  const hashKeys = KeyTable.of(bytes, index, at + HEADER_WORDS + index[at + 1]! * KEY_WORDS, index[at + 2]!)
  const count = index[at + 3]!
  let word = at + HEADER_WORDS + (index[at + 1]! + index[at + 2]!) * KEY_WORDS
  for (let i = 0; i < count; i++, word += RECORD_WORDS) {
    const hashKey = index[word + 1]!
    const start = index[word + 2]!
    out.push({
      partitionKey: keys.key(index[word]!),
      explicitHashKey: hashKey === 0 ? undefined : hashKeys.key(hashKey - 1),
      sequenceNumber,
      subSequenceNumber: i,
      aggregated: true,
      data: bytes.subarray(start, start + index[word + 3]!),
      approximateArrivalTimestamp,
      source
    })
  }
}

/** The record itself, whose text is decoded. */
function plainRecord(enclosing: KinesisRecordParts): DeaggregatedRecord {
  return plainUserRecord(enclosing, enclosing.data as Buffer, enclosing.source)
}

interface Named {
  partitionKey?: unknown
  sequenceNumber?: unknown
  subSequenceNumber?: unknown
  approximateArrivalTimestamp?: unknown
}

function plainUserRecord(named: Named, data: Buffer, source: KinesisRecordInput): DeaggregatedRecord {
  return {
    partitionKey: textOf(named.partitionKey),
    explicitHashKey: undefined,
    sequenceNumber: textOf(named.sequenceNumber),
    subSequenceNumber: numberOf(named.subSequenceNumber),
    aggregated: false,
    data,
    approximateArrivalTimestamp: named.approximateArrivalTimestamp as number | Date | undefined,
    source
  }
}

/** A position that came as a number or as digits; 0 for none. */
function numberOf(position: unknown): number {
  if (position === undefined) return 0
  const number = typeof position === 'string' && /^\d+$/.test(position) ? Number(position) : position
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : 0
}
