import { Buffer } from 'node:buffer'
import { randomInt } from 'node:crypto'
import { native } from '../native/loader'
import { copyIfShared, viewOf } from '../bytes'
import { type ErrorCode, invalidArgument } from '../errors'
import { KinesisAggError } from '../index'
import { type WireRecord, type WireTag, fromParts, toParts } from '../native/message-parts'

/** Version of the KPL format, as `aws-kinesis-agg` calls it. */
export const KplVersion = '0.9.0'

/** Whether `aws-kinesis-agg` would log; nothing here does. */
export const debug = false

/** First bytes of every aggregated record, in hexadecimal. */
export const magicNumber = 'f3899ac2'

/** First bytes of every aggregated record. */
export const magic: Buffer = Buffer.from(magicNumber, 'hex')

/** A partition key of random digits. */
export function randomPartitionKey(): string {
  return String(randomInt(2 ** 48 - 1))
}

/** The protobuf message with the names of its fields. */
export interface AggregatedRecordMessage {
  partition_key_table?: string[]
  explicit_hash_key_table?: string[]
  records?: RecordMessage[]
}

/** One user record of an {@link AggregatedRecordMessage}. */
export interface RecordMessage {
  partition_key_index: number
  explicit_hash_key_index?: number | null
  data: Uint8Array
  tags?: { key: string; value?: string | null }[]
}

/** The message type, as far as users of `aws-kinesis-agg` reach for it. */
export const AggregatedRecord = {
  /**
   * @returns an object whose `finish` gives the bytes, without magic and MD5
   * @throws TypeError `ERR_INVALID_ARG_TYPE`
   */
  encode(message: AggregatedRecordMessage): { finish(): Buffer } {
    checkObject('message', message)
    const { partition_key_table: keys, explicit_hash_key_table: hashKeys, records } = message
    const bytes = native.encodeMessage(
      toParts({
        partition_key_table: toTexts('message.partition_key_table', keys ?? []),
        explicit_hash_key_table: toTexts('message.explicit_hash_key_table', hashKeys ?? []),
        records: toList('message.records', records ?? []).map(toWireRecord)
      })
    )
    return { finish: () => bytes }
  },

  /**
   * @param bytes what stands between magic and MD5
   * @throws KinesisAggError `ERR_MALFORMED_RECORD`
   * @throws TypeError `ERR_INVALID_ARG_TYPE`
   */
  decode(bytes: Uint8Array): Required<AggregatedRecordMessage> {
    const view = viewOf(bytes)
    if (view === undefined) throw invalidArgument('bytes', 'a Uint8Array', bytes)
    try {
      return fromParts(native.decodeMessage(copyIfShared(view)))
    } catch (error) {
      throw fromNativeError(error)
    }
  }
}

function toWireRecord(record: RecordMessage): WireRecord {
  checkObject('record', record)
  const data = viewOf(record.data)
  if (data === undefined) throw invalidArgument('record.data', 'a Uint8Array', record.data)
  const wire = {
    partition_key_index: toIndex('record.partition_key_index', record.partition_key_index),
    data,
    tags: toList('record.tags', record.tags ?? []).map(toWireTag)
  }
  const { explicit_hash_key_index: hashKey } = record
  if (hashKey == null) return wire
  return { ...wire, explicit_hash_key_index: toIndex('record.explicit_hash_key_index', hashKey) }
}

function toWireTag(tag: NonNullable<RecordMessage['tags']>[number]): WireTag {
  checkObject('tag', tag)
  const { value } = tag
  const key = toText('tag.key', tag.key)
  return value == null ? { key } : { key, value: toText('tag.value', value) }
}

function checkObject(name: string, value: unknown): void {
  if (value === null || typeof value !== 'object') throw invalidArgument(name, 'an object', value)
}

function toList<T>(name: string, value: T[]): T[] {
  if (!Array.isArray(value)) throw invalidArgument(name, 'an array', value)
  return value
}

function toTexts(name: string, value: string[]): string[] {
  return toList(name, value).map((text, i) => toText(`${name}[${i}]`, text))
}

function toText(name: string, value: string): string {
  if (typeof value !== 'string') throw invalidArgument(name, 'a string', value)
  return value
}

function toIndex(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw invalidArgument(name, 'a whole number from 0', value)
  return value
}

/** An error of the native half, whose message begins with the code, as one of this package. */
function fromNativeError(error: unknown): unknown {
  const [, code, message] = /^(ERR_\w+): (.*)$/s.exec((error as Error).message) ?? []
  return code === undefined ? error : new KinesisAggError(code as ErrorCode, message!)
}

/** The message type; the name is from the days when it was loaded from a file. */
export function loadBuilder(): typeof AggregatedRecord {
  return AggregatedRecord
}

/** A copy of a record with lower-case first letters: `Data` becomes `data`. */
export function v3FormatToV2Format(record: object): Record<string, unknown> {
  return renamed(record, first => first.toLowerCase())
}

/** A copy of a record with upper-case first letters: `data` becomes `Data`. */
export function v2FormatToV3Format(record: object): Record<string, unknown> {
  return renamed(record, first => first.toUpperCase())
}

function renamed(record: object, change: (first: string) => string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [change(name.charAt(0)) + name.slice(1), value])
  )
}
