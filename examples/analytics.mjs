// A preprocessing function of Kinesis Analytics for SQL: gives the application plain JSON rows, one a line,
// whatever its producers aggregate.
import { deaggregateSync } from 'kinesis-agg'

function preprocess(record) {
  const { recordId, data } = record
  try {
    const rows = deaggregateSync(record).map(userRecord => `${userRecord.data.toString()}\n`)
    return { recordId, result: 'Ok', data: Buffer.from(rows.join('')).toString('base64') }
  } catch (error) {
    console.error(`${recordId}: ${error.message}`)
    return { recordId, result: 'ProcessingFailed', data }
  }
}

export const handler = async event => ({ records: event.records.map(preprocess) })
