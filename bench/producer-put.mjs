/**
 * Our side of `producer-kpl.mjs`, as interop/jvm/kpl/Rate.java is the KPL's: after a first record it prints START, waits
 * for a line, puts, and prints what it measured. `node bench/producer-put.mjs PORT COUNT BYTES PER_SECOND`
 */
import { once } from 'node:events'
import { KinesisProducer } from 'kinesis-agg/producer'
import { putSteadily, sinkClient } from './sink-producer.mjs'

const [port, count, size, perSecond] = process.argv.slice(2).map(Number)

const producer = new KinesisProducer({
  client: sinkClient(port),
  stream: 'bench',
  // As fast as it can: the sink has no limits to keep.
  ...(perSecond === 0 && { rateLimit: 1000 })
})
await producer.put({ partitionKey: 'warm', data: '-1:' })
console.log('START')
await once(process.stdin, 'data')

const { elapsedMs, failed, latencies } = await putSteadily(producer, { count, size, perSecond })
latencies.sort()
console.log(
  JSON.stringify({
    elapsedMs,
    failed,
    p50: latencies[Math.floor(count / 2)],
    p99: latencies[Math.floor(count * 0.99)]
  })
)
await once(process.stdin, 'data')
await producer.close()
process.exit()
