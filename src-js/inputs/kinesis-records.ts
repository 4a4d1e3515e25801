import type { KinesisRecordInput } from '../index'
import { isBase64 } from './base64-lines'

/**
 * The Kinesis records that a value of an input is. Text is the base64 of a record's data; an event of SubscribeToShard
 * holds several. The library judges the rest.
 *
 * @throws Error the text is not base64
 */
export function toKinesisRecords(value: unknown): KinesisRecordInput | KinesisRecordInput[] {
  if (typeof value === 'string') {
    if (!isBase64(value)) throw new Error('the text is not base64')
    return { data: value }
  }
  return outOfEvent(value) as KinesisRecordInput | KinesisRecordInput[]
}

/** The records of an event of SubscribeToShard; any other value as it is. */
export function outOfEvent(value: unknown): unknown {
  const { SubscribeToShardEvent: event } = (value ?? {}) as { SubscribeToShardEvent?: { Records?: unknown } }
  return Array.isArray(event?.Records) ? event.Records : value
}
