import { native } from '../native/loader'
import { copyIfShared } from '../bytes'
import { deaggregateAll } from '../deaggregation/deaggregate'
import { checkOptions } from '../deaggregation/options'
import { ALONE, invalidArgument } from '../errors'
import { KeyTable, errorAt } from '../deaggregation/decoded-index'
import {
  type KinesisRecordParts,
  base64Room,
  isAggregatedBytes,
  mayBeAggregatedText,
  readUnlessPlain,
  readKinesisRecord
} from '../deaggregation/kinesis-record'
import { HEADER_WORDS, KEY_WORDS, RECORD_WORDS, STATUS_BASE64, STATUS_PLAIN } from '../native/layout'
import { releaseScratch, scratchBytes, scratchIndex, scratchSlab } from '../native/scratch'
import type {
  CallbackRecord,
  DeaggregateOptions,
  DeaggregatedRecord,
  KinesisRecordInput,
  LambdaKinesisPayload,
  SdkUserRecord,
  UserRecord
} from '../types'

type AnyRecord = UserRecord | SdkUserRecord

/**
 * One record or many. No function, even where TypeScript puts `any` for `R`, as it does when it compares overloads:
 * `util.promisify` would take `deaggregateSync` for a function of one callback.
 */
type OneOrMany<R> = [R] extends [() => void]
  ? KinesisRecordInput | readonly KinesisRecordInput[]
  : R | readonly R[]

/**
 * Takes Kinesis records apart into their user records, in order; plain records come out as they are.
 *
 * @param records one Kinesis record or many, as Lambda, Firehose or the AWS SDK hand them out
 * @param options see {@link DeaggregateOptions}
 * @returns one entry per user record, `data` being views; see {@link DeaggregatedRecord}
 * @throws KinesisAggError `ERR_INVALID_CHECKSUM`, `ERR_MALFORMED_RECORD`, with `hashKeyRange` also
 * `ERR_INVALID_HASH_KEY`: a record is damaged. The error has it as `record`, and its `sequenceNumber`. If a call throws,
 * it has processed no records.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: also text that is no base64
 * @example
 * for (const { partitionKey, data } of deaggregateSync(event.Records)) {
 *   console.log(partitionKey, data.toString())
 * }
 */
export function deaggregateSync<R extends KinesisRecordInput>(
  records: OneOrMany<R>,
  options?: DeaggregateOptions
): DeaggregatedRecord<R>[]
/**
 * The form of `aws-kinesis-agg`, for records of all shapes: calls back once, before it returns.
 *
 * @param computeChecksums verify the MD5 of aggregated records
 * @param afterRecordCallback gets the error, and then no user records, or `undefined` and the user records
 */
export function deaggregateSync<R extends KinesisRecordInput>(
  record: R,
  computeChecksums: boolean,
  afterRecordCallback: (err: Error, userRecords: CallbackRecord<R>[]) => void
): void
/** The form of `aws-kinesis-agg`, as its own typings have it. */
export function deaggregateSync(
  kinesisRecord: LambdaKinesisPayload,
  computeChecksums: boolean,
  afterRecordCallback: (err: Error, userRecords?: UserRecord[]) => void
): void
export function deaggregateSync(
  records: unknown,
  second?: unknown,
  third?: unknown
): DeaggregatedRecord[] | undefined {
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

function plainText(payload: Record<string, unknown>, data: string): UserRecord {
  return {
    partitionKey: payload['partitionKey'] as string,
    explicitPartitionKey: payload['explicitPartitionKey'] as string | undefined,
    sequenceNumber: payload['sequenceNumber'] as string,
    data
  } as UserRecord
}

type AfterRecords = (err: Error | undefined, userRecords: AnyRecord[]) => void

function callBack(record: unknown, verify: boolean, callback: AfterRecords): void {
  const opened = readUnlessPlain(record, ALONE, plainText)
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
 * The form of `aws-kinesis-agg`: one callback for each user record, in order, then the last one, all before it
 * returns. If a callback for a user record throws, the others still get theirs, and the last one gets the
 * first error and the record that it came from.
 *
 * @param computeChecksums verify the MD5 of an aggregated record
 * @param afterRecordCallback also called with the error of a damaged record
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function deaggregate<R extends KinesisRecordInput>(
  record: R,
  computeChecksums: boolean,
  perRecordCallback: (err: Error, userRecord: CallbackRecord<R>) => void,
  afterRecordCallback: (err?: Error, errorUserRecord?: CallbackRecord<R>) => void
): void
/** The form of `aws-kinesis-agg`, as its own typings have it. */
export function deaggregate(
  kinesisRecord: LambdaKinesisPayload,
  computeChecksums: boolean,
  perRecordCallback: (err: Error, userRecords?: UserRecord) => void,
  afterRecordCallback: (err?: Error, errorUserRecord?: UserRecord) => void
): void
export function deaggregate(record: unknown, ...rest: unknown[]): void {
  // Old callers leave the flag out.
  const flagged = typeof rest[0] !== 'function'
  const [perRecord, after] = (flagged ? rest.slice(1) : rest) as [PerRecord, AfterRecord]
  if (typeof perRecord !== 'function') throw invalidArgument('perRecordCallback', 'a function', perRecord)
  if (typeof after !== 'function') throw invalidArgument('afterRecordCallback', 'a function', after)
  const enclosing = readKinesisRecord(record, ALONE)
  const found = deaggregateOne(enclosing, rest[0] === true)
  if (found instanceof Error) {
    after(found)
    return
  }
  let failed: { error: unknown; record: AnyRecord } | undefined
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

type PerRecord = (err: Error | null, userRecord: AnyRecord) => void
type AfterRecord = (err?: Error, errorUserRecord?: AnyRecord) => void

/** The user records of one Kinesis record as the callbacks get them, or what is wrong with it. */
function deaggregateOne(enclosing: KinesisRecordParts, verify: boolean): AnyRecord[] | Error {
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
    bytes = copyIfShared(data)
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

/** Characters that native code encodes in one call. */
const SLAB_LENGTH = 32 * 1024

/**
 * The data of several records is cut out of one string: that is cheaper than to make a string for each. But whoever keeps
 * one of them keeps that string. So it has at most so many characters beside those of any record in it: 2 KiB, less the
 * headers of both strings.
 */
const SHARED_LENGTH = 2 * 1024 - 64

function readRecords(
  enclosing: KinesisRecordParts,
  bytes: Buffer,
  index: Uint32Array,
  slab: Buffer | undefined
): AnyRecord[] {
  const keyWords = index[1]! * KEY_WORDS
  const keys = KeyTable.of(bytes, index, HEADER_WORDS, index[1]!)
  const hashKeys = KeyTable.of(bytes, index, HEADER_WORDS + keyWords, index[2]!)
  const sequenceNumber = enclosing.sequenceNumber as string
  const { isSdk } = enclosing
  const count = index[3]!
  const first = HEADER_WORDS + keyWords + index[2]! * KEY_WORDS
  // Number of the first record whose data is not in the slab.
  let next = slab === undefined ? 0 : index[4]!
  let text = ''
  let textStart = 0
  let textEnd = 0
  const records: AnyRecord[] = []
  for (let i = 0, word = first; i < count; i++, word += RECORD_WORDS) {
    const partitionKey = keys.key(index[word]!)
    const hashKey = index[word + 1]!
    const explicitPartitionKey = hashKey === 0 ? undefined : hashKeys.key(hashKey - 1)
    if (slab !== undefined && i === next) {
      const some = native.encodeData(bytes, index, word, count - i, slab)
      textEnd = 0
      next += some
    }
    const start = index[word + 2]!
    const end = start + index[word + 3]!
    let data: string
    if (i < next) {
      if (end > textEnd) {
        textStart = start
        textEnd = sharedEnd(index, word, next - i)
        text = slab!.latin1Slice(textStart, textEnd)
      }
      data = text.substring(start - textStart, end - textStart)
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

/**
 * Where a string ends that begins with the first of `count` records, whose words are at `word`. It ends behind one of
 * them; in the slab each begins where the one before it ends.
 */
function sharedEnd(index: Uint32Array, word: number, count: number): number {
  const start = index[word + 2]!
  let shortest = index[word + 3]!
  let end = start + shortest
  for (let i = 1; i < count; i++) {
    const length = index[word + i * RECORD_WORDS + 3]!
    if (length < shortest) shortest = length
    if (end + length - start - shortest > SHARED_LENGTH) break
    end += length
  }
  return end
}

/**
 * The Kinesis record itself in the shape of a user record: a plain one, or, with a number, the one that
 * holds the user record whose callback failed.
 */
function enclosingRecord(enclosing: KinesisRecordParts, subSequenceNumber: number | undefined): AnyRecord {
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
    ) as SdkUserRecord
  }
  const explicitPartitionKey = payload['explicitPartitionKey'] as string | undefined
  const data = raw as string
  // Literals: plain records are the hot path of many a function.
  return subSequenceNumber === undefined
    ? ({ partitionKey, explicitPartitionKey, sequenceNumber, data } as UserRecord)
    : { partitionKey, explicitPartitionKey, sequenceNumber, subSequenceNumber, data }
}
