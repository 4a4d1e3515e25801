// Sends so many MiB of user records through aggregateStream and deaggregateStream into a slow sink, and prints
// as JSON how much memory that took. `node __test__/support/stream-memory.mjs 1024`
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { aggregateStream, deaggregateStream } from 'kinesis-agg'

const MIB = 1024 * 1024
const RECORD_BYTES = 4096
const total = (Number(process.argv[2]) * MIB) / RECORD_BYTES

let made = 0
function* userRecords() {
  for (; made < total; made++)
    yield { partitionKey: `key-${made % 1000}`, data: Buffer.alloc(RECORD_BYTES, made) }
}

let encodedRecords = 0
/** @param {AsyncIterable<import('kinesis-agg').EncodedRecord>} encoded */
async function* toKinesisRecords(encoded) {
  for await (const { partitionKey, data } of encoded) {
    encodedRecords++
    yield { PartitionKey: partitionKey, Data: data, SequenceNumber: String(encodedRecords) }
  }
}

let taken = 0
let inFlight = 0
// Of Node.js and the package themselves: it differs from one system to the next.
const rssBefore = process.memoryUsage.rss()
let rss = 0
const slowSink = new Writable({
  objectMode: true,
  write({ data }, _encoding, callback) {
    if (data.length !== RECORD_BYTES || data[0] !== (taken & 255))
      throw new Error(`record ${taken} is not right`)
    inFlight = Math.max(inFlight, made - taken)
    taken++
    if (taken % 256 > 0) {
      callback()
      return
    }
    rss = Math.max(rss, process.memoryUsage.rss())
    setTimeout(callback, 2)
  }
})

await pipeline(
  Readable.from(userRecords()),
  aggregateStream(),
  toKinesisRecords,
  deaggregateStream(),
  slowSink
)
if (taken !== total) throw new Error(`${taken} of ${total} records arrived`)
console.log(
  JSON.stringify({
    encodedRecords,
    userRecords: taken,
    inFlightMiB: (inFlight * RECORD_BYTES) / MIB,
    rssGrowthMiB: (rss - rssBefore) / MIB,
    rssBeforeMiB: rssBefore / MIB
  })
)
