// Puts records, and blocks the event loop past the time-out while the answers arrive: from a line of standard input on
// until there is the file that its argument names. It prints `blocked` when the loop stands still.
import { once } from 'node:events'
import { existsSync, writeSync } from 'node:fs'
import { KinesisProducer } from 'kinesis-agg/producer'

const [file] = process.argv.slice(2)
const producer = new KinesisProducer({
  stream: 's',
  clientConfig: JSON.parse(process.env.CLIENT),
  requestTimeoutMs: 2000,
  lingerMs: 0
})
await producer.ready()
// Connections are open and the code is warm.
await Promise.all(
  Array.from({ length: 40 }, (_, i) => producer.put({ partitionKey: `key-${i}`, data: '-1:' }))
)
const puts = Array.from({ length: 40 }, (_, i) => producer.put({ partitionKey: `key-${i}`, data: `${i}:` }))
await once(process.stdin, 'data')
process.stdin.destroy()
writeSync(1, 'blocked\n')
while (!existsSync(file));
console.log(
  JSON.stringify(
    (await Promise.all(puts)).map(({ attempts, maybeDuplicated }) => ({ attempts, maybeDuplicated }))
  )
)
await producer.close()
