// Puts what it gets into another stream, which is one in memory.
import { codec, deaggregateSync } from 'kinesis-agg'
import { KinesisProducer } from 'kinesis-agg/producer'
import { FakeKinesis } from 'kinesis-agg/testing'

export const handler = async event => {
  const kinesis = new FakeKinesis({ streams: { out: { shards: 2 } } })
  const producer = new KinesisProducer({ client: kinesis.client, stream: 'out' })
  for (const { partitionKey, data } of deaggregateSync(event.Records)) producer.write({ partitionKey, data })
  await producer.close()
  const keys = kinesis.records('out').map(({ partitionKey, data }) => partitionKey + data)
  return { keys: keys.toSorted(), codec }
}
