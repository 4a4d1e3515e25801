// This package, in the form in which the peers speak: data in base64, keys left out if there are none.
import { aggregate, deaggregateSync } from 'kinesis-agg'

/** @typedef {{ partitionKey: string, explicitHashKey?: string, data: string }} Plain */

/** @returns {Plain} */
export function plain({ partitionKey, explicitHashKey, data }) {
  const record = { partitionKey, data: data.toString('base64') }
  return explicitHashKey === undefined ? record : { ...record, explicitHashKey }
}

/** Kinesis records of user records. */
export const write = records => aggregate(records).map(plain).map(received)

/** A record with the sequence number that a stream would give it. */
export const received = (record, i) => ({ ...record, sequenceNumber: String(1000 + i) })

/** The user records of Kinesis records, each with its place. */
export const read = (kinesisRecords, options) =>
  deaggregateSync(kinesisRecords, options).map(record => placed(plain(record), record))

/** A record that says from which Kinesis record it came, as `place` does. */
export const placed = (record, { sequenceNumber, subSequenceNumber, aggregated }) => ({
  ...record,
  sequenceNumber,
  subSequenceNumber,
  aggregated
})

/** The same without its place. */
export function unplaced(record) {
  const { partitionKey, explicitHashKey, data } = record
  return explicitHashKey === undefined ? { partitionKey, data } : { partitionKey, explicitHashKey, data }
}
