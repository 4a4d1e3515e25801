import { randomInt } from 'node:crypto'
import { native } from '../binding'
import { viewOf } from '../bytes'
import { invalidArgument } from '../errors'

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
    if (message === null || typeof message !== 'object')
      throw invalidArgument('message', 'an object', message)
    const bytes = native.encodeMessage({
      partition_key_table: message.partition_key_table ?? [],
      explicit_hash_key_table: message.explicit_hash_key_table ?? [],
      records: (message.records ?? []).map(toWireRecord)
    })
    return { finish: () => bytes }
  },

  /**
   * @param bytes what stands between magic and MD5
   * @throws Error the bytes are no such message
   */
  decode(bytes: Uint8Array): Required<AggregatedRecordMessage> {
    const view = viewOf(bytes)
    if (view === undefined) throw invalidArgument('bytes', 'a Uint8Array', bytes)
    return native.decodeMessage(view)
  }
}

function toWireRecord(record: RecordMessage): Parameters<typeof native.encodeMessage>[0]['records'][number] {
  const data = viewOf(record.data)
  if (data === undefined) throw invalidArgument('record.data', 'a Uint8Array', record.data)
  const wire = {
    partition_key_index: record.partition_key_index,
    data,
    tags: (record.tags ?? []).map(({ key, value }) => (value == null ? { key } : { key, value }))
  }
  const { explicit_hash_key_index: hashKey } = record
  return hashKey == null ? wire : { ...wire, explicit_hash_key_index: hashKey }
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
