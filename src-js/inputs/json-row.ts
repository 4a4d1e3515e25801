import type { Buffer } from 'node:buffer'
import type { DeaggregatedRecord } from '../index'
import { arrivalOf, shardIdOf } from './record-place'
import { textOf } from './text'

/** A user record as one line of JSON, which `encode` and `put` take. */
export function jsonLine(record: DeaggregatedRecord): string {
  const { sequenceNumber, subSequenceNumber, aggregated, partitionKey, explicitHashKey = null, data } = record
  const row = {
    shardId: shardIdOf(record),
    approximateArrivalTimestamp: arrivalOf(record),
    sequenceNumber,
    subSequenceNumber,
    aggregated,
    partitionKey,
    explicitHashKey,
    size: data.length,
    ...jsonData(data)
  }
  return `${JSON.stringify(row)}\n`
}

/** Data as `encode` and `put` take it. */
export function jsonData(bytes: Buffer): { data: string } | { dataBase64: string } {
  const text = textOf(bytes)
  return text === undefined ? { dataBase64: bytes.toString('base64') } : { data: text }
}
