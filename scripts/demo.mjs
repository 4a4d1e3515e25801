// The main job on real input: a producer puts the readings of a fleet of devices into two streams of a Kinesis on
// loopback; meanwhile a shard of one is split. Then everything is read back and compared: none may be missing, changed,
// or out of the order of its device. `npm run demo`
import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  SplitShardCommand
} from '@aws-sdk/client-kinesis'
import { KinesisProducer } from 'kinesis-agg/producer'
import { check, readStream, readers } from './demo-reader.mjs'
import { startKinesis } from './kinesis-local.mjs'

const USER_RECORDS = 10_000
const DEVICES = 500
/** Shards of each stream at the start. */
const STREAMS = { readings: 2, alarms: 1 }
const SPLIT_AT = 4000
const PUT_UNIT = 25 * 1024

const started = performance.now()
const say = text => console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s  ${text}`)
const number = value => value.toLocaleString('en')
const shortOf = shardId => String(Number(shardId.slice(-12)))

/** JSON of 100 to 400 bytes, some devices far busier than others; what is hot goes into the stream of alarms. */
function makeReadings() {
  const devices = Array.from({ length: DEVICES }, () => randomUUID())
  const start = Date.now()
  return Array.from({ length: USER_RECORDS }, (_, i) => {
    const device = devices[Math.floor(DEVICES * Math.random() ** 3)]
    const temperature = Number((20 + 8 * Math.sin(i / 500) + Math.random()).toFixed(2))
    const reading = {
      device,
      sequence: i,
      time: new Date(start + i * 7).toISOString(),
      temperature,
      firmware: '4.11.2',
      ...(i % 5 === 0 ? { note: 'prüfen · 点検 · '.repeat(1 + (i % 4)) } : {}),
      ...(i % 11 === 0
        ? { vibration: Array.from({ length: 24 }, () => Number(Math.random().toFixed(3))) }
        : {})
    }
    return {
      stream: temperature > 25 ? 'alarms' : 'readings',
      partitionKey: device,
      data: JSON.stringify(reading)
    }
  })
}

async function active(client, StreamName) {
  for (let i = 0; i < 200; i++) {
    const { StreamDescriptionSummary: summary } = await client.send(
      new DescribeStreamSummaryCommand({ StreamName })
    )
    if (summary.StreamStatus === 'ACTIVE') return
    await sleep(50)
  }
  throw new Error(`the stream ${StreamName} did not become active`)
}

async function createStreams(client) {
  for (const [StreamName, ShardCount] of Object.entries(STREAMS)) {
    await client.send(new CreateStreamCommand({ StreamName, ShardCount }))
    await active(client, StreamName)
    say(`the stream ${StreamName} is there, with ${ShardCount} shard${ShardCount > 1 ? 's' : ''}`)
  }
}

/** Splits the lower half of the hash keys in its middle. */
async function splitFirstShard(client, StreamName) {
  await client.send(
    new SplitShardCommand({
      StreamName,
      ShardToSplit: 'shardId-000000000000',
      NewStartingHashKey: String(2n ** 126n)
    })
  )
  await active(client, StreamName)
  say(`shard 0 of ${StreamName} is split`)
}

function makeProducer(client) {
  const producer = new KinesisProducer({ client })
  producer.on('shards', ({ stream, shards, reason }) =>
    say(
      `the producer knows the shards of ${stream} (${reason}): ${shards.map(({ shardId }) => shortOf(shardId)).join(', ')}`
    )
  )
  producer.on('throttled', ({ stream, shardId }) => say(`${stream} throttled shard ${shardId}`))
  producer.on('warning', ({ code, message }) => say(`warning ${code}: ${message}`))
  return producer
}

/** Puts the readings at about 2,500 a second; `halfway` begins in the middle of it. */
async function putReadings(producer, readings, halfway) {
  const puts = []
  let meanwhile
  for (const [i, reading] of readings.entries()) {
    if (i === SPLIT_AT) {
      say(`${number(i)} records are given to the producer; now the split`)
      meanwhile = halfway()
    }
    const put = producer.put(reading)
    // Whoever waits for it comes later; until then it is no unhandled rejection.
    put.catch(() => {})
    puts.push(put)
    if (i % 50 === 49) await sleep(20)
    await producer.drained()
  }
  say('all records are given to the producer')
  await meanwhile
  const results = await Promise.all(puts)
  say('all are stored, says the producer')
  return new Map(results.map((result, sequence) => [sequence, result]))
}

function report(stream, sent, stats) {
  const alone = [...sent.values()].reduce(
    (units, { data }) => units + Math.ceil(Buffer.byteLength(data) / PUT_UNIT),
    0
  )
  const rows = [
    ['user records', sent.size],
    ['Kinesis records', stats.kinesisRecords],
    ['requests', stats.requests],
    ['PUT payload units, one record each', alone],
    ['PUT payload units, as it was', stats.putUnits],
    ['Kinesis records in the wrong shard, put again', stats.wrongShard],
    ['user records that may be stored twice', stats.maybeDuplicated]
  ]
  console.log(`\n${stream}`)
  for (const [name, value] of rows) console.log(`  ${name.padEnd(48)}${number(value).padStart(8)}`)
}

async function compare(client, stream, sent, results) {
  const shards = await readStream(client, stream)
  for (const { id, closed, records } of shards) {
    const name = `shard ${shortOf(id)}${closed ? ', closed by the split' : ''}`
    console.log(`  ${`${name}: Kinesis records`.padEnd(48)}${number(records.length).padStart(8)}`)
  }
  for (const [reader, userRecords] of Object.entries(readers(stream, shards))) {
    const repeats = check(userRecords, sent, results)
    console.log(
      `  ${`${reader} reads all, in order; more than once`.padEnd(48)}${number(repeats).padStart(8)}`
    )
  }
}

async function main() {
  const kinesis = await startKinesis()
  say('kinesis-local is up')
  const client = new KinesisClient(kinesis.clientOptions)
  try {
    await createStreams(client)
    const producer = makeProducer(client)
    const readings = makeReadings()
    const results = await putReadings(producer, readings, () => splitFirstShard(client, 'readings'))
    await producer.close()

    const { streams } = producer.stats()
    for (const stream of Object.keys(STREAMS)) {
      const sent = new Map([...readings.entries()].filter(([, reading]) => reading.stream === stream))
      report(stream, sent, streams[stream])
      await compare(client, stream, sent, results)
    }
    console.log()
    say(
      `all ${number(USER_RECORDS)} user records came back from both streams, byte for byte, those of a device in their order`
    )
  } finally {
    client.destroy()
    await kinesis.stop()
  }
}

try {
  await main()
} catch (error) {
  console.error(`The demo failed: ${error.stack}`)
  process.exitCode = 1
}
