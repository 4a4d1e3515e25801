/** A client of `kinesis-sink.mjs`, and puts at a steady rate: what `producer-rate.mjs` and `producer-put.mjs` share. */
import { Agent } from 'node:https'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'

/** @param {number} port */
export function sinkClient(port) {
  return new KinesisClient({
    endpoint: `https://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    requestHandler: new NodeHttpHandler({
      // The sink's certificate is its own, made for this run.
      httpsAgent: new Agent({ keepAlive: true, maxSockets: 24, rejectUnauthorized: false })
    })
  })
}

const KEYS = Array.from({ length: 1000 }, (_, i) => `device-${i}`)

/**
 * @typedef {object} Load
 * @property {number} count
 * @property {number} size bytes of data of each record
 * @property {number} perSecond 0: as fast as the producer takes it
 * @property {boolean} [write] `write` in place of `put`; measures no latency
 *
 * @param {any} producer
 * @param {Load} load
 * @returns {Promise<{ elapsedMs: number, failed: number, latencies: Float64Array }>} once all are settled; milliseconds
 */
export async function putSteadily(producer, { count, size, perSecond, write = false }) {
  const latencies = new Float64Array(count)
  let failed = 0
  let taken = 0

  function take() {
    const data = Buffer.alloc(size, 'x')
    data.write(`${taken}:`, 'latin1')
    const record = { partitionKey: KEYS[taken % KEYS.length], data }
    const number = taken++
    if (write) return void producer.write(record)
    const start = performance.now()
    producer.put(record).then(
      () => {
        latencies[number] = performance.now() - start
      },
      () => failed++
    )
  }

  const start = performance.now()
  while (taken < count) {
    const due =
      perSecond > 0 ? Math.min(count, ((performance.now() - start) / 1000) * perSecond) : taken + 256
    while (taken < due && taken < count) take()
    if (perSecond > 0) await new Promise(resolve => setTimeout(resolve, 2))
    else {
      await new Promise(resolve => setImmediate(resolve))
      await producer.drained()
    }
  }
  await producer.flush()
  return { elapsedMs: performance.now() - start, failed, latencies }
}
