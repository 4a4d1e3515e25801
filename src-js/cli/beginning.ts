import type { ShardFilter } from '@aws-sdk/client-kinesis'
import type { Start } from './shard-reader'

/** Where in a stream to begin, and how that is said. */
export interface Beginning {
  start: Start
  filter: ShardFilter
  text: string
}

/** @param time milliseconds; `undefined` for the oldest record */
export function beginningAt(time: number | undefined): Beginning {
  if (time === undefined) {
    return {
      start: { ShardIteratorType: 'TRIM_HORIZON' },
      filter: { Type: 'FROM_TRIM_HORIZON' },
      text: 'the oldest record'
    }
  }
  const Timestamp = new Date(time)
  return {
    start: { ShardIteratorType: 'AT_TIMESTAMP', Timestamp },
    filter: { Type: 'FROM_TIMESTAMP', Timestamp },
    text: Timestamp.toISOString()
  }
}
