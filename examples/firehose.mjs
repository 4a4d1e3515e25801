// A Firehose transformation for aggregates that were put to Firehose directly; with a Kinesis stream as its source,
// Firehose takes aggregates apart itself before it calls the function. Every recordId is answered once, with Ok, Dropped
// or ProcessingFailed. The user records of an aggregate become lines of one record, since a recordId has room for one.
import { deaggregateSync } from 'kinesis-agg'

function transform(record) {
  const { recordId, data } = record
  try {
    const lines = deaggregateSync(record)
      .map(userRecord => JSON.parse(userRecord.data.toString()))
      .filter(reading => !reading.heartbeat)
      .map(reading => `${JSON.stringify(reading)}\n`)
    if (lines.length === 0) return { recordId, result: 'Dropped', data }
    return { recordId, result: 'Ok', data: Buffer.from(lines.join('')).toString('base64') }
  } catch (error) {
    // Firehose writes it, as it came, under the error prefix of the bucket.
    console.error(`${recordId}: ${error.message}`)
    return { recordId, result: 'ProcessingFailed', data }
  }
}

export const handler = async event => ({ records: event.records.map(transform) })
