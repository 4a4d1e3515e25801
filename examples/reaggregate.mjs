// A Lambda function between two streams: takes the records of one apart, keeps what is of interest, and puts it into the
// other, aggregated anew. A user record that came out goes in as it is, with its keys.
//
// The event source mapping needs FunctionResponseTypes: [ReportBatchItemFailures].
import { KinesisProducer, forwardEvent } from 'kinesis-agg/producer'

const producer = new KinesisProducer({ stream: process.env.TARGET_STREAM })

const isWarm = ({ data }) => JSON.parse(data.toString()).temperature >= 20.5

export const handler = (event, context) =>
  forwardEvent(event, producer, record => (isWarm(record) ? record : undefined), { context })
