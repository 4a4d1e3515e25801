// Lambda functions with a producer, to be run under AWS's own runtime client.
import { KinesisProducer, forwardEvent } from 'kinesis-agg/producer'

const producer = new KinesisProducer({
  clientConfig: JSON.parse(process.env.CLIENT),
  stream: 'out',
  lingerMs: 50,
  // Shorter than the sandbox stands still.
  recordTtlMs: 2000
})

/** Writes and puts the records that the event names. */
export const put = producer.wrapHandler(async ({ first, count }) => {
  for (let i = first; i < first + count; i += 2) {
    producer.write({ partitionKey: `key-${i % 7}`, data: `${i}:` })
    producer.put({ partitionKey: `key-${(i + 1) % 7}`, data: `${i + 1}:` }).catch(() => {})
  }
  return { first }
})

export const forward = (event, context) => forwardEvent(event, producer, record => record, { context })
