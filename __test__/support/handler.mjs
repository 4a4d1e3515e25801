// As handler.cjs, with ES modules.
const { aggregate, deaggregateSync, RecordAggregator } = await import(process.argv[2])
const { default: all } = await import(process.argv[2])

const aggregator = new RecordAggregator()
for (const partitionKey of ['red', 'green'])
  aggregator.addUserRecord({ partitionKey, data: Buffer.from(partitionKey) })
const { data } = aggregator.build()
deaggregateSync({ data: data.toString('base64'), sequenceNumber: '49' }, true, (err, list) => {
  console.log(err === undefined, JSON.stringify(list))
})
console.log(aggregate === all.aggregate, typeof all.deaggregate)
