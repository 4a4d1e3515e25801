import { Buffer } from 'node:buffer'
import { copyIfShared } from '../bytes'
import { KinesisAggError, withoutStack } from '../errors'
import { native } from '../native/loader'
import { type WireMessage, type WireRecord, fromParts } from '../native/message-parts'
import type { KinesisRecordInput, DeaggregatedRecord } from '../types'
import { type KinesisRecordParts, textOf } from './kinesis-record'

/** User records in order, and those that `onInvalid: 'salvage'` leaves out of them. */
export interface Found {
  userRecords: DeaggregatedRecord[]
  invalid: InvalidUserRecord[]
}

/** A user record that cannot be handed out. */
export interface InvalidUserRecord {
  /** Makes the error, when somebody is told of it: there may be as many as user records. */
  error(): KinesisAggError
  /** The enclosing record. */
  source: KinesisRecordInput
  /** How many user records of {@link Found} come before it. */
  before: number
}

/** Bytes of the magic in front of the message, and of the MD5 behind it. */
const MAGIC = 4
const MD5 = 16

/**
 * Takes apart an aggregated record that the decoder refused: user records whose indexes lie inside their tables are
 * found, each other one is invalid. Slower than the decoder, and `data` are copies: such records are rare.
 *
 * @returns false if the protobuf message itself is broken; `out` is unchanged then
 */
export function salvage(out: Found, enclosing: KinesisRecordParts): boolean {
  const bytes = copyIfShared(enclosing.data as Buffer)
  let message: WireMessage
  try {
    message = fromParts(native.decodeMessage(bytes.subarray(MAGIC, bytes.length - MD5)))
  } catch {
    return false
  }
  const { source } = enclosing
  const sequenceNumber = textOf(enclosing.sequenceNumber)
  for (const [subSequenceNumber, record] of message.records.entries()) {
    const fault = faultOf(record, message)
    if (fault !== undefined) {
      const error = (): KinesisAggError => {
        const text = `Malformed aggregated record: ${fault} (user record ${subSequenceNumber})`
        const about = { record: source, sequenceNumber, subSequenceNumber }
        return withoutStack(() => new KinesisAggError('ERR_MALFORMED_RECORD', text, about))
      }
      out.invalid.push({ error, source, before: out.userRecords.length })
      continue
    }
    const hashKey = record.explicit_hash_key_index
    out.userRecords.push({
      partitionKey: message.partition_key_table[record.partition_key_index]!,
      explicitHashKey: hashKey === undefined ? undefined : message.explicit_hash_key_table[hashKey],
      sequenceNumber,
      subSequenceNumber,
      aggregated: true,
      data: record.data as Buffer,
      approximateArrivalTimestamp: enclosing.approximateArrivalTimestamp as number | Date | undefined,
      source
    })
  }
  return true
}

function faultOf(
  { partition_key_index: key, explicit_hash_key_index: hashKey }: WireRecord,
  { partition_key_table: keys, explicit_hash_key_table: hashKeys }: WireMessage
): string | undefined {
  if (key >= keys.length) return `partition key index ${key} is outside its table of ${keys.length}`
  if (hashKey !== undefined && hashKey >= hashKeys.length) {
    return `explicit hash key index ${hashKey} is outside its table of ${hashKeys.length}`
  }
  return undefined
}
