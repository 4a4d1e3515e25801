import type { DeaggregatedRecord } from '../index'
import { arrivalOf, shardIdOf } from './record-place'
import { textOf } from '../inputs/text'

/** Writes user records in one of the forms. What comes back is to be written now. */
export interface RowWriter {
  add(record: DeaggregatedRecord): string | Buffer
  /** What is held back; called when no more records are at hand. */
  flush(): string
}

/** One JSON object a line, which `encode` and `put` take. */
export class JsonRows implements RowWriter {
  add(record: DeaggregatedRecord): string {
    const {
      sequenceNumber,
      subSequenceNumber,
      aggregated,
      partitionKey,
      explicitHashKey = null,
      data
    } = record
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

  flush(): string {
    return ''
  }
}

/** Data as `encode` and `put` take it. */
export function jsonData(bytes: Buffer): { data: string } | { dataBase64: string } {
  const text = textOf(bytes)
  return text === undefined ? { dataBase64: bytes.toString('base64') } : { data: text }
}

/** The data alone, each followed by a line break. */
export class DataRows implements RowWriter {
  add(record: DeaggregatedRecord): Buffer {
    return Buffer.concat([record.data, Buffer.from('\n')])
  }

  flush(): string {
    return ''
  }
}
