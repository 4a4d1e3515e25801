'use strict'
// A function as users write it: the JSON objects of an event, and an answer.
const { codec, deaggregateSync } = require('kinesis-agg')

exports.codec = codec
exports.deaggregate = event => deaggregateSync(event.Records)

exports.handler = async event => {
  let total = 0
  const records = exports.deaggregate(event)
  for (const { data } of records) total += JSON.parse(data.toString()).amount
  return { batchItemFailures: [], records: records.length, total }
}
