// Writes records while the endpoint hangs, watching the memory; then waits until all are stored.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { KinesisProducer } from 'kinesis-agg/producer'

const [hangMs, perSecond, bytes] = process.argv.slice(2).map(Number)
const producer = new KinesisProducer({ stream: 's', clientConfig: JSON.parse(process.env.CLIENT) })
const told = { refused: 0, other: 0 }
producer.on('failed', ({ code, maybeStored }) => {
  if (code === 'ERR_BUFFER_FULL' && !maybeStored) told.refused++
  else told.other++
})

let written = 0
/** What is due in so much time: all of it, also where the machine has no time for this process. */
async function write(ms) {
  const start = performance.now()
  for (let count = 0; count < (ms / 1000) * perSecond;) {
    const due = (Math.min(performance.now() - start, ms) / 1000) * perSecond
    for (; count < due; count++) {
      producer.write({ partitionKey: `key-${written % 5000}`, data: `${written++}:`.padEnd(bytes, '.') })
    }
    await sleep(5)
  }
}

// Warm: the code is compiled and the connections are there. The parent lets the endpoint hang when it reads this, and
// writes a line; the hang ends when it reads `written`.
await write(1000)
await producer.flush()
globalThis.gc()
const before = process.memoryUsage.rss()
console.log('warm')
await once(process.stdin, 'data')
process.stdin.destroy()
let rss = before
const watch = setInterval(() => (rss = Math.max(rss, process.memoryUsage.rss())), 50)
await write(hangMs)
clearInterval(watch)
console.log('written')
await producer.close()
console.log(JSON.stringify({ written, ...told, growth: rss - before }))
