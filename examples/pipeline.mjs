// Puts what comes in on standard input, one JSON reading a line, into a stream: aggregated, at the pace that
// Kinesis takes it, and at the latest a second after the last line.
//
//   some-gateway | STREAM=readings node pipeline.mjs
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { aggregateStream } from 'kinesis-agg'
import { putAll } from './put.mjs'

const client = new KinesisClient({ maxAttempts: 10 })

await pipeline(
  createInterface({ input: process.stdin }),
  async function* (lines) {
    for await (const line of lines) yield { partitionKey: JSON.parse(line).device, data: line }
  },
  aggregateStream({ flushIntervalMs: 1000 }),
  async encoded => {
    for await (const record of encoded) await putAll(client, process.env.STREAM, [record])
  }
)
client.destroy()
