// A Lambda function between two streams: takes the records of one apart, keeps what is of interest, and puts it
// into the other, aggregated anew. A user record that came out goes in as it is, with its keys.
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { aggregate, deaggregateEvent } from 'kinesis-agg'
import { putAll } from './put.mjs'

const client = new KinesisClient({ maxAttempts: 5 })

const isWarm = ({ data }) => JSON.parse(data.toString()).temperature >= 20.5

export const handler = async event => {
  const warm = deaggregateEvent(event).filter(isWarm)
  // If this fails, so does the invocation, and Lambda retries the batch: a record may be put twice, none is lost.
  await putAll(client, process.env.TARGET_STREAM, aggregate(warm))
}
