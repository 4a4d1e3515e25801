/**
 * A Lambda function from stream to stream: `forwardEvent` beside `processEvent` with `await put`, one at a time and with
 * `concurrency`, and beside `putAll`, which answers for nothing. Kinesis is in memory and answers after `--delay`
 * milliseconds.
 *
 *     node bench/forward-event.mjs [--records 10000] [--size 200] [--shards 4] [--delay 15] [--rounds 5]
 *
 * `await put` one at a time takes a round trip and a linger for each record: it gets 50 of them.
 */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ours, producerProblem, producers } from './contenders.mjs'
import { spread } from './measure.mjs'
import { InstantClient, STREAM, evenly } from './producer-rows.mjs'

if (producerProblem !== null) throw new Error(`the producer is not there: ${producerProblem}`)

const { values: options } = parseArgs({
  options: {
    records: { type: 'string', default: '10000' },
    size: { type: 'string', default: '200' },
    shards: { type: 'string', default: '4' },
    delay: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '5' }
  }
})
const [records, size, shards, delay, rounds] = [
  options.records,
  options.size,
  options.shards,
  options.delay,
  options.rounds
].map(Number)
const FEW = 50

class SlowClient extends InstantClient {
  requests = 0
  stored = 0

  /**
   * @override
   * @param {any} command
   */
  async send(command) {
    if (delay > 0) await sleep(delay)
    if (command.input.Records !== undefined) {
      this.requests++
      for (const { Data } of command.input.Records) this.stored += countOf(Data)
    }
    return super.send(command)
  }
}

/** @param {Buffer} data */
function countOf(data) {
  return ours.deaggregateSync([{ Data: data, PartitionKey: 'a' }]).length
}

/** @param {number} count */
function eventOf(count) {
  const inputs = Array.from({ length: count }, (_, i) => ({
    partitionKey: `device-${i % 1000}`,
    data: Buffer.alloc(size, `${i}:`)
  }))
  /** @type {any[]} */
  const all = []
  for (let first = 0; first < count; first += 100) {
    const [{ data, partitionKey }] = ours.aggregate(inputs.slice(first, first + 100))
    const sequenceNumber = String(1000 + first)
    all.push({
      eventID: `shardId-000000000000:${sequenceNumber}`,
      eventSource: 'aws:kinesis',
      kinesis: { data: data.toString('base64'), partitionKey, sequenceNumber }
    })
  }
  return { Records: all }
}

/** @typedef {(event: any, producer: any) => Promise<any>} Contender */

/** @param {any} record */
const same = record => record

/** @type {[name: string, count: number, run: Contender][]} */
const CONTENDERS = [
  ['forwardEvent', records, (event, producer) => producers.forwardEvent(event, producer, same)],
  [
    'forwardEvent, resume',
    records,
    (event, producer) => producers.forwardEvent(event, producer, same, { resume: new ours.ResumeMemory() })
  ],
  [
    'putAll(deaggregateEvent())',
    records,
    async (event, producer) => {
      await Promise.all([
        producer.putAll(ours.deaggregateEvent(event)),
        sleep(0).then(() => producer.flush())
      ])
      return { batchItemFailures: [] }
    }
  ],
  [
    'processEvent, await put, concurrency 1000',
    records,
    (event, producer) =>
      ours.processEvent(event, (/** @type {any} */ record) => producer.put(record), { concurrency: 1000 })
  ],
  [
    'processEvent, await put',
    FEW,
    (event, producer) => ours.processEvent(event, (/** @type {any} */ record) => producer.put(record))
  ]
]

console.log(
  `${size} B, ${shards} shards, ${delay} ms, Node.js ${process.version}; medians of ${rounds} rounds`
)
for (const [name, count, run] of CONTENDERS) {
  const event = eventOf(count)
  /** @type {number[]} */
  const times = []
  /** @type {number[]} */
  const cpus = []
  let requests = 0
  for (let round = 0; round <= rounds; round++) {
    const client = new SlowClient(evenly(shards))
    // What the way costs, not what a shard takes.
    const producer = new producers.KinesisProducer({ client, stream: STREAM, rateLimit: Infinity })
    await producer.ready()
    const cpu = process.cpuUsage()
    const start = performance.now()
    const answer = await run(event, producer)
    const took = performance.now() - start
    const { user, system } = process.cpuUsage(cpu)
    assert.deepEqual(answer, { batchItemFailures: [] })
    assert.equal(client.stored, count)
    requests = client.requests
    await producer.close()
    // The first one warms up.
    if (round === 0) continue
    times.push(took)
    cpus.push((user + system) / 1000)
  }
  const { median } = spread(times)
  console.log(
    [
      name.padEnd(42),
      `${count} records`.padStart(14),
      `${median.toFixed(0)} ms`.padStart(9),
      `${Math.round((count / median) * 1000)}/s`.padStart(10),
      `${((spread(cpus).median / count) * 1000).toFixed(1)} µs CPU a record`.padStart(24),
      `${requests} requests`.padStart(14)
    ].join('')
  )
}
