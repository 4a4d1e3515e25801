// Puts what comes in on standard input, one JSON reading a line, into a stream: aggregated, at the pace that Kinesis takes
// it, and each line a second at the latest after it came. The pipeline ends when all is stored, and fails if a line is not.
//
//   some-gateway | STREAM=readings node pipeline.mjs
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { KinesisProducer } from 'kinesis-agg/producer'

const producer = new KinesisProducer({ stream: process.env.STREAM, lingerMs: 1000 })

await pipeline(
  createInterface({ input: process.stdin }),
  async function* (lines) {
    for await (const line of lines) yield { partitionKey: JSON.parse(line).device, data: line }
  },
  producer.createWriteStream()
)
await producer.close()
