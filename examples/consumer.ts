// The same as consumer.mjs in TypeScript, with the types of @types/aws-lambda, and with a metric of its own for
// what fails.
import type { KinesisStreamHandler } from 'aws-lambda'
import { KinesisAggError, processEvent } from 'kinesis-agg'

interface Reading {
  device: string
  sequence: number
  temperature: number
}

/** Stands for your own work. */
async function save(reading: Reading): Promise<void> {
  console.log(`${reading.device}: ${reading.temperature} °C`)
}

export const handler: KinesisStreamHandler = event =>
  processEvent(
    event,
    async ({ data }) => {
      await save(JSON.parse(data.toString()) as Reading)
    },
    {
      onFailure: error => {
        const kind = error instanceof KinesisAggError ? error.code : 'handler'
        console.error(JSON.stringify({ metric: 'failures', kind, message: String(error) }))
      }
    }
  )
