import { Buffer } from 'node:buffer'
import { native } from './binding'
import { steady } from './bytes'
import { invalidArgument } from './errors'
import { checkHashKeyRange, keepInside } from './hash-key-range'
import { KeyTable, errorAt, wordsOf } from './found'
import {
  ALONE,
  type Enclosing,
  isAggregatedBytes,
  isAggregatedData,
  mayBeAggregatedText,
  openRecord,
  openUnlessPlain
} from './input'
import { HEADER_WORDS, KEY_WORDS, RECORD_WORDS, STATUS_RECORDS } from './layout'
import { releaseScratch, scratchIndex } from './scratch'
import type { DeaggregateOptions, KinesisRecordInput, UserRecord } from './types'

/** Words of index that are there at first, and to which it grows to take many records in one native call. */
const LEAST_WORDS = 4096
const MOST_WORDS = 1024 * 1024

/**
 * Whether a record is an aggregated one: looks at magic and length, verifies and decodes nothing.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function isAggregated(record: KinesisRecordInput): boolean {
  return isAggregatedData(openRecord(record, ALONE).data)
}

/**
 * The user records of Kinesis records, one Kinesis record at a time: a lazy `deaggregateSync`.
 *
 * A damaged record throws when its turn comes; what was yielded before stays good.
 *
 * @throws KinesisAggError `ERR_INVALID_CHECKSUM`, `ERR_MALFORMED_RECORD`
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function iterateUserRecords(
  records: Iterable<KinesisRecordInput>,
  options?: DeaggregateOptions
): IterableIterator<UserRecord> {
  if (typeof records !== 'object' || records === null || !(Symbol.iterator in records)) {
    throw invalidArgument('records', 'an iterable of Kinesis records', records)
  }
  return userRecordsOf(records, checkOptions(options))
}

function* userRecordsOf(
  records: Iterable<KinesisRecordInput>,
  options: DeaggregateOptions
): IterableIterator<UserRecord> {
  for (const record of records) yield* deaggregateAll([record], options)
}

/** @internal */
export function checkOptions(options: unknown): DeaggregateOptions {
  if (options === undefined) return {}
  if (options === null || typeof options !== 'object') throw invalidArgument('options', 'an object', options)
  const { onInvalid, computeChecksums } = options as DeaggregateOptions
  if (onInvalid !== undefined && onInvalid !== 'throw' && onInvalid !== 'passthrough') {
    throw invalidArgument('options.onInvalid', "'throw' or 'passthrough'", onInvalid)
  }
  if (computeChecksums !== undefined && typeof computeChecksums !== 'boolean') {
    throw invalidArgument('options.computeChecksums', 'a boolean', computeChecksums)
  }
  return options as DeaggregateOptions
}

/** The user records of many Kinesis records, in order. What throws has handed out nothing. */
export function deaggregateAll(records: readonly unknown[], options: DeaggregateOptions): UserRecord[] {
  const range = options.hashKeyRange === undefined ? undefined : checkHashKeyRange(options.hashKeyRange)
  const out: UserRecord[] = []
  if (records.length === 1) appendOne(out, openRecord(records[0], ALONE), options)
  else appendMany(out, records, options)
  return range === undefined ? out : keepInside(out, range)
}

function appendOne(out: UserRecord[], enclosing: Enclosing, options: DeaggregateOptions): void {
  const bytes = aggregatedBytes(enclosing.data)
  if (bytes === undefined) {
    out.push(plainRecord(enclosing))
    return
  }
  enclosing.data = bytes
  const index = decodeAlone(steadyBytes(enclosing, bytes), options.computeChecksums !== false)
  appendFound(out, enclosing, index, 0, options)
  releaseScratch(bytes.length)
}

function appendMany(out: UserRecord[], records: readonly unknown[], options: DeaggregateOptions): void {
  const list: (Enclosing | UserRecord)[] = []
  const aggregated: Buffer[] = []
  // All reading of the caller's objects comes first: it may run code of theirs, and scratch is in use below.
  for (let i = 0; i < records.length; i++) {
    let opened = openUnlessPlain(records[i], i, plainText)
    if ('raw' in opened) {
      const bytes = aggregatedBytes(opened.data)
      if (bytes === undefined) {
        opened = plainRecord(opened)
      } else {
        opened.data = bytes
        aggregated.push(steadyBytes(opened, bytes))
      }
    }
    if (aggregated.length === 0) out.push(opened as UserRecord)
    else list.push(opened)
  }
  if (list.length > 0) decodeInto(out, list, aggregated, options)
}

/** Bytes that were decoded from text are nobody else's. */
function steadyBytes(enclosing: Enclosing, bytes: Buffer): Buffer {
  return typeof enclosing.raw === 'string' ? bytes : steady(bytes)
}

function plainText(
  payload: Record<string, unknown>,
  text: string,
  record: Record<string, unknown>
): UserRecord {
  return plainUserRecord(payload, Buffer.from(text, 'base64'), record as unknown as KinesisRecordInput)
}

/** Decodes records, the first of which is an aggregated one, as many at once as the index has room for. */
function decodeInto(
  out: UserRecord[],
  list: (Enclosing | UserRecord)[],
  aggregated: Buffer[],
  options: DeaggregateOptions
): void {
  const verify = options.computeChecksums !== false
  let decoded = 0
  let next = 0
  let at = 0
  let index = scratchIndex(LEAST_WORDS)
  for (const enclosing of list) {
    if (!('raw' in enclosing)) {
      out.push(enclosing)
      continue
    }
    if (next === decoded) {
      if (next + 1 === aggregated.length) {
        index = decodeAlone(aggregated[next]!, verify)
        decoded++
      } else {
        let count = native.decodeMany(aggregated, next, verify, index, MOST_WORDS)
        if (count === 0) {
          index = scratchIndex(index[0]!)
          count = native.decodeMany(aggregated, next, verify, index, MOST_WORDS)
        }
        decoded += count
      }
      at = 0
    }
    appendFound(out, enclosing, index, at, options)
    at += wordsOf(index, at)
    next++
  }
  // Words of the last call, which say as much about the size of what comes next as bytes would.
  releaseScratch(at)
}

/** The index of one record. */
function decodeAlone(bytes: Buffer, verify: boolean): Uint32Array {
  const index = scratchIndex(LEAST_WORDS)
  const needed = native.decode(bytes, bytes.length, verify, index)
  if (needed <= index.length) return index
  const larger = scratchIndex(needed)
  native.decode(bytes, bytes.length, verify, larger)
  return larger
}

/** What the index says at `at` about an aggregated record: its user records, itself, or an error. */
function appendFound(
  out: UserRecord[],
  enclosing: Enclosing,
  index: Uint32Array,
  at: number,
  options: DeaggregateOptions
): void {
  if (index[at] === STATUS_RECORDS) {
    appendUserRecords(out, enclosing, index, at)
    return
  }
  const error = errorAt(index, at, enclosing)
  if (error !== undefined && options.onInvalid !== 'passthrough') {
    releaseScratch(at)
    throw error
  }
  // Another record's getter has taken the bytes away since they were looked at.
  if (error === undefined && typeof enclosing.raw !== 'string') checkStays(enclosing)
  out.push(plainRecord(enclosing))
}

/** @throws TypeError `ERR_INVALID_ARG_TYPE`: what was an aggregated record is none any more */
function checkStays({ data, raw }: Enclosing): void {
  if (isAggregatedBytes(data as Buffer)) return
  throw invalidArgument('record.data', 'memory that stays while records are read', raw)
}

/** The bytes of an aggregated record, `undefined` for a plain one. Decodes base64 where it must be. */
function aggregatedBytes(data: string | Buffer): Buffer | undefined {
  if (typeof data === 'string') return mayBeAggregatedText(data) ? Buffer.from(data, 'base64') : undefined
  return isAggregatedBytes(data) ? data : undefined
}

/** Makes the user records of the aggregated record whose header is at `at`. */
function appendUserRecords(out: UserRecord[], enclosing: Enclosing, index: Uint32Array, at: number): void {
  const bytes = enclosing.data as Buffer
  const { approximateArrivalTimestamp, source } = enclosing as {
    approximateArrivalTimestamp: number | Date
  } & Enclosing
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

function plainRecord(enclosing: Enclosing): UserRecord {
  const { data, source } = enclosing
  return plainUserRecord(enclosing, typeof data === 'string' ? Buffer.from(data, 'base64') : data, source)
}

type Named = Partial<Pick<Enclosing, 'partitionKey' | 'sequenceNumber' | 'approximateArrivalTimestamp'>>

function plainUserRecord(named: Named, data: Buffer, source: KinesisRecordInput): UserRecord {
  return {
    partitionKey: textOf(named.partitionKey),
    explicitHashKey: undefined,
    sequenceNumber: textOf(named.sequenceNumber),
    subSequenceNumber: 0,
    aggregated: false,
    data,
    approximateArrivalTimestamp: named.approximateArrivalTimestamp as number | Date | undefined,
    source
  }
}

/** Streams whose record distribution Kinesis manages have records without a partition key. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
