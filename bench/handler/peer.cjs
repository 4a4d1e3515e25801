'use strict'
// The same with `aws-kinesis-agg`.
const { deaggregateSync } = require('aws-kinesis-agg')

exports.deaggregate = event => {
  const all = []
  for (const { kinesis } of event.Records) {
    deaggregateSync(kinesis, true, (error, userRecords) => {
      if (error) throw error
      all.push(...userRecords)
    })
  }
  return all
}

exports.handler = async event => {
  let total = 0
  const records = exports.deaggregate(event)
  for (const { data } of records) total += JSON.parse(Buffer.from(data, 'base64').toString()).amount
  return { batchItemFailures: [], records: records.length, total }
}
