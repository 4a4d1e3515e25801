import { native } from '../binding'
import { steady } from '../bytes'
import { checkOptions, deaggregateAll } from '../deaggregate'
import { invalidArgument } from '../errors'
import { KeyTable, errorAt } from '../found'
import {
  ALONE,
  type Enclosing,
  base64Room,
  isAggregatedBytes,
  mayBeAggregatedText,
  openUnlessPlain,
  openRecord
} from '../input'
import { HEADER_WORDS, KEY_WORDS, RECORD_WORDS, STATUS_BASE64, STATUS_PLAIN } from '../layout'
import { releaseScratch, scratchBytes, scratchIndex, scratchSlab } from '../scratch'
import type {
  DeaggregateOptions,
  KinesisRecordInput,
  LegacyRecordOf,
  LegacySdkUserRecord,
  LegacyUserRecord,
  UserRecord
} from '../types'

type AnyLegacyRecord = LegacyUserRecord | LegacySdkUserRecord

/**
 * Takes Kinesis records apart into their user records, in order; plain records come out as they are.
 *
 * @param records one Kinesis record or many, as Lambda, Firehose or the AWS SDK hand them out
 * @param options see {@link DeaggregateOptions}
 * @returns one entry per user record, `data` being views; see {@link UserRecord}
 * @throws KinesisAggError `ERR_INVALID_CHECKSUM`, `ERR_MALFORMED_RECORD`: one is damaged; it is `record` and
 * `sequenceNumber` of the error, and nothing of the batch was handled
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 * @example
 * for (const { partitionKey, data } of deaggregateSync(event.Records)) {
 *   console.log(partitionKey, data.toString())
 * }
 */
export function deaggregateSync(
  records: KinesisRecordInput | readonly KinesisRecordInput[],
  options?: DeaggregateOptions
): UserRecord[]
/**
 * The form of `aws-kinesis-agg`: calls back once, before it returns.
 *
 * @param computeChecksums verify the MD5 of aggregated records
 */
export function deaggregateSync<R extends KinesisRecordInput>(
  record: R,
  computeChecksums: boolean,
  afterRecordCallback: (err: Error | undefined, userRecords: LegacyRecordOf<R>[]) => void
): void
export function deaggregateSync(
  records: unknown,
  second?: unknown,
  third?: unknown
): UserRecord[] | undefined {
  if (typeof third === 'function') {
    callBack(records, second === true, third as AfterRecords)
    return undefined
  }
  // Old callers leave the flag out.
  if (typeof second === 'function') {
    callBack(records, false, second as AfterRecords)
    return undefined
  }
  if (third !== undefined) throw invalidArgument('afterRecordCallback', 'a function', third)
  const options = checkOptions(second)
  return deaggregateAll(Array.isArray(records) ? records : [records], options)
}

function plainText(payload: Record<string, unknown>, data: string): LegacyUserRecord {
  return {
    partitionKey: payload['partitionKey'] as string,
    explicitPartitionKey: payload['explicitPartitionKey'] as string | undefined,
    sequenceNumber: payload['sequenceNumber'] as string,
    data
  }
}

type AfterRecords = (err: Error | undefined, userRecords: AnyLegacyRecord[]) => void

function callBack(record: unknown, verify: boolean, callback: AfterRecords): void {
  const opened = openUnlessPlain(record, ALONE, plainText)
  if (!('raw' in opened)) {
    callback(undefined, [opened])
    return
  }
  const found = deaggregateOne(opened, verify)
  // Outside of any try: an exception of the callback is the caller's.
  if (found instanceof Error) callback(found, [])
  else callback(undefined, found)
}

/**
 * The form of `aws-kinesis-agg`: one callback per user record, in order, then the last one, all before it
 * returns. If a callback for a user record throws, the others still get theirs, and the last one gets the
 * first error and the record that it came from.
 *
 * @param computeChecksums verify the MD5 of an aggregated record
 * @param afterRecordCallback also told of a damaged record, by its error
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function deaggregate<R extends KinesisRecordInput>(
  record: R,
  computeChecksums: boolean,
  perRecordCallback: (err: Error | null, userRecord: LegacyRecordOf<R>) => void,
  afterRecordCallback: (err?: Error, errorUserRecord?: LegacyRecordOf<R>) => void
): void
export function deaggregate(record: unknown, ...rest: unknown[]): void {
  // Old callers leave the flag out.
  const flagged = typeof rest[0] !== 'function'
  const [perRecord, after] = (flagged ? rest.slice(1) : rest) as [PerRecord, AfterRecord]
  if (typeof perRecord !== 'function') throw invalidArgument('perRecordCallback', 'a function', perRecord)
  if (typeof after !== 'function') throw invalidArgument('afterRecordCallback', 'a function', after)
  const enclosing = openRecord(record, ALONE)
  const found = deaggregateOne(enclosing, rest[0] === true)
  if (found instanceof Error) {
    after(found)
    return
  }
  let failed: { error: unknown; record: AnyLegacyRecord } | undefined
  for (let i = 0; i < found.length; i++) {
    try {
      perRecord(null, found[i]!)
    } catch (error) {
      failed ??= { error, record: enclosingRecord(enclosing, i) }
    }
  }
  if (failed === undefined) after()
  else after(failed.error as Error, failed.record)
}

type PerRecord = (err: Error | null, userRecord: AnyLegacyRecord) => void
type AfterRecord = (err?: Error, errorUserRecord?: AnyLegacyRecord) => void

/** The user records of one Kinesis record as the callbacks get them, or what is wrong with it. */
function deaggregateOne(enclosing: Enclosing, verify: boolean): AnyLegacyRecord[] | Error {
  const { data } = enclosing
  if (typeof data === 'string' ? !mayBeAggregatedText(data) : !isAggregatedBytes(data)) {
    return [enclosingRecord(enclosing, undefined)]
  }
  let bytes: Buffer
  let length: number
  if (typeof data === 'string') {
    bytes = scratchBytes(base64Room(data))
    length = bytes.base64Write(data, 0)
  } else {
    bytes = steady(data)
    length = bytes.length
  }
  const slab = scratchSlab(SLAB_LENGTH)
  let index = scratchIndex(4096)
  const needed = native.decodeToBase64(bytes, length, verify, index, slab)
  if (needed > index.length) {
    index = scratchIndex(needed)
    native.decodeToBase64(bytes, length, verify, index, slab)
  }
  const found =
    errorAt(index, 0, enclosing) ??
    (index[0] === STATUS_PLAIN
      ? [enclosingRecord(enclosing, undefined)]
      : readRecords(enclosing, bytes, index, index[0] === STATUS_BASE64 ? slab : undefined))
  releaseScratch(length)
  return found
}

/**
 * Characters that become one string, out of which the data of several records is cut. It is small enough to stay
 * in the cache; longer strings go where V8 keeps large objects, and each piece keeps its string alive.
 */
const SLAB_LENGTH = 32 * 1024

function readRecords(
  enclosing: Enclosing,
  bytes: Buffer,
  index: Uint32Array,
  slab: Buffer | undefined
): AnyLegacyRecord[] {
  const keyWords = index[1]! * KEY_WORDS
  const keys = KeyTable.of(bytes, index, HEADER_WORDS, index[1]!)
  const hashKeys = KeyTable.of(bytes, index, HEADER_WORDS + keyWords, index[2]!)
  const sequenceNumber = enclosing.sequenceNumber as string
  const { isSdk } = enclosing
  const count = index[3]!
  const first = HEADER_WORDS + keyWords + index[2]! * KEY_WORDS
  // Number of the first record whose data is not in `text`.
  let next = slab === undefined ? 0 : index[4]!
  let text = slab === undefined ? '' : textOf(slab, index, first, next)
  const records: AnyLegacyRecord[] = []
  for (let i = 0, word = first; i < count; i++, word += RECORD_WORDS) {
    const partitionKey = keys.key(index[word]!)
    const hashKey = index[word + 1]!
    const explicitPartitionKey = hashKey === 0 ? undefined : hashKeys.key(hashKey - 1)
    if (slab !== undefined && i === next) {
      const some = native.encodeData(bytes, index, word, count - i, slab)
      text = textOf(slab, index, word, some)
      next += some
    }
    const start = index[word + 2]!
    const end = start + index[word + 3]!
    let data: string
    if (i < next) {
      data = text.substring(start, end)
    } else {
      data = bytes.base64Slice(start, end)
      next = i + 1
    }
    if (isSdk) {
      records.push({
        PartitionKey: partitionKey,
        ExplicitPartitionKey: explicitPartitionKey,
        SequenceNumber: sequenceNumber,
        SubSequenceNumber: i,
        Data: data
      })
    } else {
      records.push({ partitionKey, explicitPartitionKey, sequenceNumber, subSequenceNumber: i, data })
    }
  }
  return records
}

/** The base64 of the data of `count` records, the first of which is at `word` of the index. */
function textOf(slab: Buffer, index: Uint32Array, word: number, count: number): string {
  if (count === 0) return ''
  const last = word + (count - 1) * RECORD_WORDS
  return slab.latin1Slice(0, index[last + 2]! + index[last + 3]!)
}

/**
 * The Kinesis record itself in the shape of a user record: a plain one, or, with a number, the one that
 * holds the user record whose callback failed.
 */
function enclosingRecord(enclosing: Enclosing, subSequenceNumber: number | undefined): AnyLegacyRecord {
  const { isSdk, payload, raw } = enclosing
  const partitionKey = enclosing.partitionKey as string
  const sequenceNumber = enclosing.sequenceNumber as string
  if (isSdk) {
    const ExplicitPartitionKey = payload['ExplicitPartitionKey'] as string | undefined
    const named = { PartitionKey: partitionKey, ExplicitPartitionKey, SequenceNumber: sequenceNumber }
    return Object.assign(
      named,
      subSequenceNumber === undefined ? undefined : { SubSequenceNumber: subSequenceNumber },
      { Data: raw as Uint8Array }
    )
  }
  const explicitPartitionKey = payload['explicitPartitionKey'] as string | undefined
  const data = raw as string
  // Literals: plain records are the hot path of many a function.
  return subSequenceNumber === undefined
    ? { partitionKey, explicitPartitionKey, sequenceNumber, data }
    : { partitionKey, explicitPartitionKey, sequenceNumber, subSequenceNumber, data }
}
