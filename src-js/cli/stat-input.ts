import type { KinesisRecordInput } from '../index'
import { outOfEvent } from '../inputs/kinesis-records'
import { shardIdOf, timeOf } from '../inputs/record-place'

/** What counts of a Kinesis record beside its user records. */
export interface Enclosing {
  shardId: string | undefined
  partitionKey: string | undefined
  sequenceNumber: string
  /** Milliseconds. */
  arrival: number | undefined
  data: Uint8Array
}

/**
 * The Kinesis records of a value in an input that `decode` reads: text is the base64 of a record's data, and an event
 * of SubscribeToShard holds several.
 *
 * @throws Error it is a user record, which does not tell any more how it came
 */
export function kinesisRecordsIn(value: unknown): KinesisRecordInput[] {
  if (typeof value === 'string') return [{ data: value }]
  const { aggregated } = (value ?? {}) as { aggregated?: unknown }
  if (typeof aggregated === 'boolean') {
    throw new Error(
      'this is a user record; stat takes Kinesis records, which "kinesis-agg tail --raw" prints'
    )
  }
  return [outOfEvent(value)].flat() as KinesisRecordInput[]
}

type Fields = Record<string, unknown>

/** Of a record of any shape; of what is none, nothing is known. */
export function enclosingOf(record: KinesisRecordInput): Enclosing {
  const all = ((record as unknown) ?? {}) as Fields
  const payload = (all['Data'] === undefined ? (all['kinesis'] ?? all) : all) as Fields
  const metadata = (all['kinesisRecordMetadata'] ?? all['kinesisStreamRecordMetadata'] ?? {}) as Fields
  const find = (name: string): unknown =>
    payload[name] ?? payload[name[0]!.toUpperCase() + name.slice(1)] ?? metadata[name]
  return {
    shardId: shardIdOf({ source: all as unknown as KinesisRecordInput }),
    partitionKey: text(find('partitionKey')),
    sequenceNumber: text(find('sequenceNumber')) ?? '',
    arrival: timeOf(find('approximateArrivalTimestamp'))?.getTime(),
    data: bytesOf(find('data'))
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Bytes, base64 of them, or a Buffer that went through JSON. */
function bytesOf(value: unknown): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, 'base64')
  if (value instanceof Uint8Array) return value
  return Buffer.from(((value ?? {}) as { data?: number[] }).data ?? [])
}
