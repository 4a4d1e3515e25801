import { textOf } from '../inputs/text'
import type { Row } from './rows'

/** User records as lines of JSON, as `kinesis-agg decode --json` writes them; `encode` and `put` take them. */
export function toNdjson(rows: readonly Row[]): string[] {
  return rows.map(({ entry, record }) => {
    const {
      sequenceNumber,
      subSequenceNumber,
      aggregated,
      partitionKey,
      explicitHashKey = null,
      data
    } = record
    const text = textOf(data)
    const line = {
      ...(entry.shardId !== undefined && { shardId: entry.shardId }),
      sequenceNumber,
      subSequenceNumber,
      aggregated,
      partitionKey,
      explicitHashKey,
      size: data.length,
      ...(text === undefined ? { dataBase64: data.toString('base64') } : { data: text })
    }
    return `${JSON.stringify(line)}\n`
  })
}
