// A codec for Node.js, as the peers in interop/ are: `node node-peer.mjs kinesis-agg`.
//
// Answers each line of JSON on stdin with a line of JSON on stdout: {records} with the partition keys of the user records,
// {records, milliseconds} with the time that reading takes. All threads count.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const require = createRequire(import.meta.url)
const name = process.argv[2]
const { deaggregateSync } = require(name)

function readByCallback(records) {
  const all = []
  for (const { kinesis } of records) {
    deaggregateSync(kinesis, true, (error, userRecords) => {
      if (error) throw error
      all.push(userRecords)
    })
  }
  return all.flat()
}

const read = name === 'kinesis-agg' ? deaggregateSync : readByCallback

function time(records, milliseconds) {
  const timing = { iterations: 0, records: 0, nanoseconds: 0 }
  const start = process.cpuUsage()
  while (timing.nanoseconds < milliseconds * 1e6) {
    timing.records += read(records).length
    timing.iterations += 1
    const { user, system } = process.cpuUsage(start)
    timing.nanoseconds = (user + system) * 1000
  }
  return timing
}

function answer({ records, milliseconds }) {
  const event = records.map(record => ({ kinesis: { ...record, approximateArrivalTimestamp: 0 } }))
  return milliseconds === undefined
    ? read(event).map(({ partitionKey }) => ({ partitionKey }))
    : time(event, milliseconds)
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply
  try {
    reply = answer(JSON.parse(line))
  } catch (error) {
    reply = { error: String(error) }
  }
  console.log(JSON.stringify(reply))
}
