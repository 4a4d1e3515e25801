// Puts readings into a stream with the producer, and tells where each is stored. Batches, sizes, retries, the limits of the
// shards and the order of each device are the producer's business.
//
//   STREAM=readings node put.mjs
import { KinesisProducer } from 'kinesis-agg/producer'

const producer = new KinesisProducer({ stream: process.env.STREAM })

const readings = [
  { device: 'boiler-7', temperature: 20 },
  { device: 'pump-1', temperature: 20.75 },
  { device: 'boiler-7', temperature: 20.5 }
]
// Not one after the other: those that are put together share Kinesis records and requests.
const puts = readings.map(reading =>
  producer.put({ partitionKey: reading.device, data: JSON.stringify(reading), context: reading })
)
for (const outcome of await Promise.allSettled(puts)) {
  if (outcome.status === 'fulfilled') {
    const { context, shardId, sequenceNumber, subSequenceNumber } = outcome.value
    console.log(context.device, shardId, sequenceNumber, subSequenceNumber)
  } else {
    const { context, code, message, maybeStored } = outcome.reason
    console.error(context.device, code, message, maybeStored ? 'may be stored' : 'is not stored')
    process.exitCode = 1
  }
}
await producer.close()
