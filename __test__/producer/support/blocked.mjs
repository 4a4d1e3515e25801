// Puts records, and blocks the event loop past the time-out while the answers arrive.
import { setTimeout as sleep } from 'node:timers/promises'
import { KinesisProducer } from 'kinesis-agg/producer'

const producer = new KinesisProducer({
  stream: 's',
  clientConfig: JSON.parse(process.env.CLIENT),
  requestTimeoutMs: 600,
  lingerMs: 0
})
await producer.ready()
// Connections are open and the code is warm.
await Promise.all(
  Array.from({ length: 40 }, (_, i) => producer.put({ partitionKey: `key-${i}`, data: '-1:' }))
)
const puts = Array.from({ length: 40 }, (_, i) => producer.put({ partitionKey: `key-${i}`, data: `${i}:` }))
await sleep(60)
for (const end = performance.now() + 1500; performance.now() < end;);
console.log(
  JSON.stringify(
    (await Promise.all(puts)).map(({ attempts, maybeDuplicated }) => ({ attempts, maybeDuplicated }))
  )
)
await producer.close()
