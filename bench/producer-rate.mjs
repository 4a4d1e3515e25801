/**
 * The producer at a steady rate, with the AWS SDK and TLS, against an endpoint on loopback: latency, requests, PUT payload
 * units, CPU time, memory.
 *
 *     node bench/producer-rate.mjs [--rate 10000] [--seconds 10] [--size 200] [--shards 4] [--delay 15] [--write]
 *
 * `--rate 0` puts as fast as the producer takes it. `--write` measures no latency.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { producerProblem, producers } from './contenders.mjs'
import { spread } from './measure.mjs'
import { putSteadily, sinkClient } from './sink-producer.mjs'

if (producerProblem !== null) throw new Error(`the producer is not there: ${producerProblem}`)

const { values: options } = parseArgs({
  options: {
    rate: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '10' },
    size: { type: 'string', default: '200' },
    shards: { type: 'string', default: '4' },
    delay: { type: 'string', default: '15' },
    write: { type: 'boolean', default: false }
  }
})
const [rate, seconds, size] = [options.rate, options.seconds, options.size].map(Number)

const sink = fork(fileURLToPath(new URL('kinesis-sink.mjs', import.meta.url)), [
  options.shards,
  options.delay
])
const [{ port }] = await once(sink, 'message')
const client = sinkClient(port)
const producer = new producers.KinesisProducer({ client, stream: 'bench' })
await producer.put({ partitionKey: 'warm', data: 'up' })

const count = rate > 0 ? rate * seconds : 100_000 * seconds
let peak = 0
const sampler = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss())
}, 100)
const cpuStart = process.cpuUsage()
const { elapsedMs, failed, latencies } = await putSteadily(producer, {
  count,
  size,
  perSecond: rate,
  write: options.write
})
const { user, system } = process.cpuUsage(cpuStart)
clearInterval(sampler)
sink.send('counts')
const [counts] = await once(sink, 'message')
const { median } = spread([...latencies])
const p99 = latencies.toSorted()[Math.floor(count * 0.99)]
console.log(
  [
    `${count} records of ${size} B, ${options.shards} shards, ${Math.round((count / elapsedMs) * 1000)}/s, ${failed} failed`,
    // Without the record that warmed it up.
    `${counts.requests - 1} requests, ${counts.kinesisRecords - 1} Kinesis records, ${counts.units - 1} units`,
    options.write ? '' : `p50 ${median.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`,
    `${((user + system) / 1e6).toFixed(2)} s CPU, ${(peak / 1024 / 1024).toFixed(0)} MiB at most`
  ].join('\n')
)
await producer.close()
client.destroy()
sink.disconnect()
