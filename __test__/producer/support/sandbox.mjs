// A function from stream to stream in a sandbox: events come as messages, several at a time; so do the answers go back.
import { KinesisProducer, forwardEvent } from 'kinesis-agg/producer'

const producer = new KinesisProducer({
  stream: 's',
  clientConfig: JSON.parse(process.env.CLIENT),
  requestTimeoutMs: 4000,
  lingerMs: 50
})

process.on('message', async ({ awsRequestId, ids, deadlineMs }) => {
  const end = performance.now() + deadlineMs
  const context = { awsRequestId, getRemainingTimeInMillis: () => end - performance.now() }
  const Records = ids.map(id => ({
    eventSource: 'aws:kinesis',
    eventID: `shardId-000000000000:${id}`,
    kinesis: {
      partitionKey: `key-${id % 7}`,
      data: Buffer.from(`${id}:`).toString('base64'),
      sequenceNumber: String(id)
    }
  }))
  const response = await forwardEvent({ Records }, producer, record => record, { context })
  process.send({ awsRequestId, response, pending: producer.stats().pendingRecords })
})
process.on('disconnect', () => process.exit())
process.send('ready')
