import type { KinesisRecordInput } from '../index'

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
  const { SubscribeToShardEvent: event, aggregated } = (value ?? {}) as {
    SubscribeToShardEvent?: { Records?: unknown }
    aggregated?: unknown
  }
  if (typeof aggregated === 'boolean') {
    throw new Error(
      'this is a user record; stat takes Kinesis records, which "kinesis-agg tail --raw" prints'
    )
  }
  return (Array.isArray(event?.Records) ? event.Records : [value]) as KinesisRecordInput[]
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
    shardId: text(find('shardId')) ?? shardOfEventId(all['eventID']),
    partitionKey: text(find('partitionKey')),
    sequenceNumber: text(find('sequenceNumber')) ?? '',
    arrival: timeOf(find('approximateArrivalTimestamp')),
    data: bytesOf(find('data'))
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Lambda names records as `shardId-000000000006:4954…`. */
function shardOfEventId(id: unknown): string | undefined {
  return typeof id === 'string' ? /^(shardId-\d+):/.exec(id)?.[1] : undefined
}

/** Seconds until the year 5138 are less than this, and milliseconds since 1973 are more. */
const MILLISECONDS = 1e11

/** A date, text of one, or seconds or milliseconds since 1970. */
function timeOf(value: unknown): number | undefined {
  const time =
    value instanceof Date
      ? value.getTime()
      : typeof value === 'number'
        ? Math.round(value < MILLISECONDS ? value * 1000 : value)
        : Date.parse(String(value))
  return Number.isFinite(time) ? time : undefined
}

/** Bytes, base64 of them, or a Buffer that went through JSON. */
function bytesOf(value: unknown): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, 'base64')
  if (value instanceof Uint8Array) return value
  return Buffer.from(((value ?? {}) as { data?: number[] }).data ?? [])
}
