// A Lambda function that reads a Kinesis stream whose producers aggregate. What fails is retried from the record
// that failed, not from the beginning of the batch.
//
// The event source mapping must have FunctionResponseTypes: [ReportBatchItemFailures].
import { processEvent } from 'kinesis-agg'

/** Stands for your own work. What it throws makes Lambda retry from this record. */
async function save(device, reading) {
  if (typeof reading.temperature !== 'number') throw new Error(`${device} sent no temperature`)
  console.log(`${device}: ${reading.temperature} °C`)
}

export const handler = event =>
  processEvent(event, async ({ partitionKey, data }) => {
    await save(partitionKey, JSON.parse(data.toString()))
  })
