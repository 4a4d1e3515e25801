// 50 invocations of a Lambda function, two at a time: each of the two writes and puts to a stream of its own. It prints
// `{ idle }` when it has nothing to do, and goes on when its standard input has a line.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { KinesisProducer } from 'kinesis-agg/producer'

const INVOCATIONS = 25
const RECORDS = 20
const LIMIT_MS = 120_000

const producer = new KinesisProducer({
  clientConfig: JSON.parse(process.env.CLIENT),
  lingerMs: 50,
  // Shorter than the sandbox stands still.
  recordTtlMs: 4000
})
process.stdin.resume()

async function invocations(stream) {
  const handle = producer.forStream(stream)
  let unsettled = 0
  const handler = producer.wrapHandler(async first => {
    for (let i = first; i < first + RECORDS; i += 2) {
      handle.write({ partitionKey: `key-${i % 7}`, data: `${i}:` })
      unsettled++
      handle
        .put({ partitionKey: `key-${(i + 1) % 7}`, data: `${i + 1}:` })
        .finally(() => unsettled--)
        .catch(() => {})
      if (i % 8 === 0) await sleep(3)
    }
    return first
  })
  const returns = []
  return async count => {
    for (let i = 0; i < count; i++) {
      const first = returns.length * RECORDS
      const end = performance.now() + LIMIT_MS
      const result = await handler(first, { getRemainingTimeInMillis: () => end - performance.now() })
      const { pendingRecords } = handle.stats().streams[stream]
      returns.push({ isRight: result === first, pendingRecords, unsettled })
    }
    return returns
  }
}

const [a, b] = await Promise.all([invocations('a'), invocations('b')])
await Promise.all([a(10), b(10)])
console.log(JSON.stringify({ idle: producer.stats().pendingRecords }))
await once(process.stdin, 'data')
const returns = await Promise.all([a(INVOCATIONS - 10), b(INVOCATIONS - 10)])
process.stdin.pause()
console.log(JSON.stringify({ returns: returns.flat() }))
