import { codec, deaggregateSync } from 'kinesis-agg'

export const handler = async event => {
  const keys = []
  for (const { kinesis } of event.Records) {
    deaggregateSync(kinesis, true, (error, records) => {
      if (error) throw error
      for (const { partitionKey, data } of records) keys.push(partitionKey + Buffer.from(data, 'base64'))
    })
  }
  return { keys, codec }
}
