// Puts a file of JSON lines into a stream, each under its `id`, and tells how far it is. Lines that cannot be put go into
// a file beside it, which can be put later. Memory stays small, whatever the size of the file.
//
//   STREAM=readings node lines.mjs readings.ndjson
import { appendFileSync, createReadStream, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { KinesisProducer } from 'kinesis-agg/producer'

const file = process.argv[2]
const stream = process.env.STREAM
const producer = new KinesisProducer({ stream })

let failed = 0
function keep(line, reason) {
  failed++
  console.error(`line not put: ${reason}`)
  appendFileSync(`${file}.failed`, `${line}\n`)
}

const input = createReadStream(file)
async function* records() {
  for await (const line of createInterface({ input })) {
    let id
    try {
      ;({ id } = JSON.parse(line))
    } catch (error) {
      keep(line, error.message)
      continue
    }
    yield { partitionKey: id?.toString(), data: line }
  }
}

const { size } = statSync(file)
function tell() {
  const { delivered = 0, pendingRecords = 0 } = producer.stats().streams[stream] ?? {}
  const read = Math.floor((100 * input.bytesRead) / size)
  console.log(`${read} % read, ${delivered} records stored, ${pendingRecords} on their way`)
}
const progress = setInterval(tell, 1000)

try {
  // Reads on when there is room for more.
  await producer.putAll(records(), { onFailed: error => keep(String(error.record.data), error.message) })
} catch (error) {
  // keep() has the lines.
  if (error.code !== 'ERR_PUT_INCOMPLETE') throw error
} finally {
  clearInterval(progress)
  await producer.close()
}
tell()
if (failed > 0) {
  console.error(`${failed} lines are in ${file}.failed`)
  process.exitCode = 1
}
