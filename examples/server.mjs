// A web server that logs an event of each request into a stream, and loses none when it is told to end:
// it takes no more requests, answers those that it has, and ends when what it logged is stored.
//
//   STREAM=requests PORT=8080 node server.mjs
import { createServer } from 'node:http'
import { KinesisProducer } from 'kinesis-agg/producer'

/** Shorter than the time between SIGTERM and SIGKILL: 30 s in Kubernetes and in ECS. */
const SHUTDOWN_MS = Number(process.env.SHUTDOWN_MS ?? 20_000)

const producer = new KinesisProducer({ stream: process.env.STREAM })
producer.on('failed', ({ code, maybeStored, record }) => {
  // The event goes where your logs go, so that it can be put again.
  console.error(JSON.stringify({ notStored: code, maybeStored, event: String(record.data) }))
})
producer.on('warning', ({ code, message }) => console.error(code, message))

const server = createServer((request, response) => {
  // Takes microseconds, and never waits: whatever is wrong with Kinesis, the response is not.
  producer.write({
    partitionKey: request.socket.remoteAddress ?? '',
    data: JSON.stringify({ at: new Date(), method: request.method, url: request.url })
  })
  response.end('ok\n')
})

async function shutDown() {
  const closed = new Promise(resolve => {
    server.close(resolve)
  })
  // Requests that hang on: no longer than half of the time.
  const timer = setTimeout(() => server.closeAllConnections(), SHUTDOWN_MS / 2)
  await closed
  clearTimeout(timer)
  try {
    await producer.close({ timeoutMs: SHUTDOWN_MS / 2 })
  } catch {
    // 'failed' has told of each event.
    process.exitCode = 1
  }
  const { accepted, delivered, failed } = producer.stats().streams[process.env.STREAM]
  console.log(JSON.stringify({ accepted, delivered, failed }))
}
process.once('SIGTERM', shutDown)
process.once('SIGINT', shutDown)

// If there is no such stream, it fails now, and not at the first request.
await producer.ready()
server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(JSON.stringify({ listening: server.address().port }))
})
