// What one dependency imports and another one requires is one instance.
import { RecordAggregator, codec, deaggregateSync } from 'aws-kinesis-agg'
import required from './required.cjs'

export const handler = async event => {
  if (required.RecordAggregator !== RecordAggregator) throw new Error('two instances')
  if (required.SameClass !== RecordAggregator) throw new Error('two instances of the old path')
  const keys = []
  for (const { kinesis } of event.Records) {
    deaggregateSync(kinesis, true, (error, records) => {
      if (error) throw error
      for (const { partitionKey, data } of records) keys.push(partitionKey + Buffer.from(data, 'base64'))
    })
  }
  return { keys, codec }
}
