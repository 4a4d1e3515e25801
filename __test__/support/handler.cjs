// A handler as users of aws-kinesis-agg write it; nothing in it knows of kinesis-agg. Which package it gets is told
// by the folder that it runs in, and its name by the first argument.
const name = process.argv[2]
const agg = require(name)
const RecordAggregator = require(`${name}/lib/kpl-agg`).RecordAggregator
const { deaggregateSync } = require(`${name}/lib/kpl-deagg.js`)
const common = require(`${name}/lib/common`)
const util = require('util')

const lines = []
const log = (...values) => lines.push(values.map(value => JSON.stringify(value)).join(' '))

const handler = async event => {
  for (const { kinesis } of event.Records) {
    deaggregateSync(kinesis, true, (err, userRecords) => {
      if (err) log('error', err.message)
      else
        userRecords.forEach(one =>
          log(one.partitionKey, one.subSequenceNumber, Buffer.from(one.data, 'base64').toString())
        )
    })
    agg.deaggregate(
      kinesis,
      true,
      (err, one) => log('each', err, one),
      err => log('after', err && err.message)
    )
  }
  const promised = await util.promisify(agg.deaggregateSync)(event.Records[0].kinesis, true)
  log('promised', promised)
}

const records = ['red', 'green', 'blue', 'red'].map((partitionKey, i) => ({
  partitionKey,
  data: i % 2 ? Buffer.from(`data ${i}`) : `text ${i} 我愛你`
}))

const put = () =>
  new Promise(resolve =>
    agg.aggregate(
      records,
      (encoded, callback) => {
        log('put', encoded.partitionKey, encoded.ExplicitHashKey, encoded.data.toString('hex'))
        setImmediate(callback, null, { SequenceNumber: '1' })
      },
      resolve,
      (err, data) => log('failed', err.message, data)
    )
  )

const payload = data => ({
  kinesis: { kinesisSchemaVersion: '1.0', partitionKey: 'p', sequenceNumber: '49', data }
})

const main = async () => {
  const aggregator = new RecordAggregator()
  records.forEach(record => aggregator.checkIfUserRecordFits(record) && aggregator.addUserRecord(record))
  log('buffered', aggregator.length())
  const encoded = aggregator.build()
  const damaged = Buffer.from(encoded.data)
  damaged[damaged.length - 1] ^= 1
  await handler({
    Records: [encoded.data, Buffer.from('plain'), damaged].map(data => payload(data.toString('base64')))
  })
  await put()
  log(common.KplVersion, common.magicNumber)
  console.log(lines.join('\n'))
}

main()
