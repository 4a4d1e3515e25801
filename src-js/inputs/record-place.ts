import type { DeaggregatedRecord } from '../index'

/** Larger numbers are milliseconds: as seconds they are after the year 5000, as milliseconds after 1973. */
const MAX_SECONDS = 1e11

/** When the Kinesis record of a user record arrived, if that is known. */
export function arrivalOf({ approximateArrivalTimestamp }: DeaggregatedRecord): Date | undefined {
  return timeOf(approximateArrivalTimestamp)
}

/** A time of arrival: seconds or milliseconds since 1970, a Date, or the text that JSON has instead. */
export function timeOf(time: unknown): Date | undefined {
  const date =
    typeof time === 'number'
      ? new Date(time > MAX_SECONDS ? time : Math.round(time * 1000))
      : new Date(time instanceof Date || typeof time === 'string' ? time : NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** On which shard it lay, if that is known. */
export function shardIdOf({ source }: Pick<DeaggregatedRecord, 'source'>): string | undefined {
  const { ShardId, eventID, kinesisRecordMetadata, kinesisStreamRecordMetadata } =
    source as unknown as Record<string, unknown>
  if (typeof ShardId === 'string') return ShardId
  // Of Lambda: the id of the shard and the sequence number.
  const [, ofEvent] = /^(shardId-\d+):/.exec(typeof eventID === 'string' ? eventID : '') ?? []
  if (ofEvent !== undefined) return ofEvent
  const { shardId } = (kinesisRecordMetadata ?? kinesisStreamRecordMetadata ?? {}) as { shardId?: unknown }
  return typeof shardId === 'string' ? shardId : undefined
}
