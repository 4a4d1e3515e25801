// The main job on real input: user records are aggregated, put into a Kinesis on loopback, read back and taken
// apart again, once as the AWS SDK returns them and once as Lambda gets them. `npm run demo`
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand
} from '@aws-sdk/client-kinesis'
import { RecordAggregator, deaggregateSync } from '../index.js'
import { startKinesis } from './kinesis-local.mjs'

const USER_RECORDS = 10_000
const DEVICES = 500
const StreamName = 'readings'
const PUT_UNIT = 25 * 1024

/** Readings of a fleet of devices: JSON of 100 to 400 bytes, some devices far busier than others. */
function makeReadings() {
  const devices = Array.from({ length: DEVICES }, () => randomUUID())
  const started = Date.now()
  return Array.from({ length: USER_RECORDS }, (_, i) => {
    const device = devices[Math.floor(DEVICES * Math.random() ** 3)]
    const reading = {
      device,
      sequence: i,
      time: new Date(started + i * 7).toISOString(),
      temperature: Number((20 + 8 * Math.sin(i / 500) + Math.random()).toFixed(2)),
      firmware: '4.11.2',
      ...(i % 5 === 0 ? { note: 'prüfen · 点検 · '.repeat(1 + (i % 4)) } : {}),
      ...(i % 11 === 0
        ? { vibration: Array.from({ length: 24 }, () => Number(Math.random().toFixed(3))) }
        : {})
    }
    return { partitionKey: device, data: JSON.stringify(reading) }
  })
}

function aggregate(readings) {
  // A small limit, as the KPL has it: a megabyte that fails is put again as a megabyte.
  const aggregator = new RecordAggregator({ maxSize: 51_200 })
  const encoded = []
  for (const reading of readings) {
    const full = aggregator.push(reading)
    if (full !== undefined) encoded.push(full)
  }
  const rest = aggregator.flush()
  if (rest !== undefined) encoded.push(rest)
  return encoded
}

async function createStream(client) {
  await client.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }))
  for (let i = 0; i < 200; i++) {
    const { StreamDescriptionSummary: summary } = await client.send(
      new DescribeStreamSummaryCommand({ StreamName })
    )
    if (summary.StreamStatus === 'ACTIVE') return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('the stream did not become active')
}

async function put(client, encoded) {
  const perCall = 50
  for (let i = 0; i < encoded.length; i += perCall) {
    const Records = encoded
      .slice(i, i + perCall)
      .map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data }))
    const { FailedRecordCount } = await client.send(new PutRecordsCommand({ StreamName, Records }))
    assert.equal(FailedRecordCount, 0, 'a record was refused')
  }
}

async function readAll(client, expected) {
  const { Shards } = await client.send(new ListShardsCommand({ StreamName }))
  const records = []
  for (const { ShardId } of Shards) {
    let { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' })
    )
    for (let i = 0; i < 100 && ShardIterator !== undefined; i++) {
      const answer = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 1000 }))
      records.push(...answer.Records)
      ShardIterator = answer.NextShardIterator
      if (answer.Records.length === 0 && answer.MillisBehindLatest === 0) break
    }
  }
  assert.equal(records.length, expected, 'not every Kinesis record came back')
  return records
}

/** The event that Lambda makes of the same records. */
function toLambdaEvent(records) {
  return {
    Records: records.map(record => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: record.PartitionKey,
        sequenceNumber: record.SequenceNumber,
        data: Buffer.from(record.Data).toString('base64'),
        approximateArrivalTimestamp: record.ApproximateArrivalTimestamp.getTime() / 1000
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `shardId-000000000000:${record.SequenceNumber}`,
      eventName: 'aws:kinesis:record',
      awsRegion: 'us-east-1',
      eventSourceARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`
    }))
  }
}

/** Every reading once, with its own key and its own bytes; shards may come in any order. */
function check(userRecords, readings) {
  assert.equal(userRecords.length, readings.length)
  const seen = new Set()
  for (const { partitionKey, data } of userRecords) {
    const { sequence } = JSON.parse(data)
    assert(!seen.has(sequence), `reading ${sequence} came twice`)
    seen.add(sequence)
    assert.equal(partitionKey, readings[sequence].partitionKey)
    assert(data.equals(Buffer.from(readings[sequence].data)), `reading ${sequence} is not what was put`)
  }
}

const putUnits = sizes => sizes.reduce((units, size) => units + Math.ceil(size / PUT_UNIT), 0)
const sum = numbers => numbers.reduce((total, number) => total + number, 0)

async function main() {
  const times = []
  const timed = async (name, work) => {
    const start = performance.now()
    const result = await work()
    times.push([name, performance.now() - start])
    return result
  }
  const kinesis = await timed('start kinesis-local', () => startKinesis())
  const client = new KinesisClient(kinesis.clientOptions)
  try {
    await timed('make a stream of 2 shards', () => createStream(client))
    const readings = makeReadings()
    const encoded = await timed('aggregate', () => aggregate(readings))
    await timed('PutRecords', () => put(client, encoded))
    const records = await timed('GetRecords', () => readAll(client, encoded.length))
    const event = toLambdaEvent(records)
    const fromSdk = await timed('deaggregate SDK records', () => deaggregateSync(records))
    const fromLambda = await timed('deaggregate a Lambda event', () => deaggregateSync(event.Records))
    await timed('check every key and byte', () => {
      check(fromSdk, readings)
      check(fromLambda, readings)
    })

    const userSizes = readings.map(({ data }) => Buffer.byteLength(data))
    const rows = [
      ['user records', USER_RECORDS],
      ['Kinesis records', encoded.length],
      ['bytes of user data', sum(userSizes)],
      ['bytes put', sum(encoded.map(({ data }) => data.length))],
      ['PUT payload units, one record each', putUnits(userSizes)],
      ['PUT payload units, aggregated', putUnits(encoded.map(({ data }) => data.length))]
    ]
    for (const [name, value] of rows)
      console.log(`${name.padEnd(36)}${value.toLocaleString('en').padStart(12)}`)
    console.log()
    for (const [name, ms] of times) console.log(`${name.padEnd(36)}${ms.toFixed(1).padStart(9)} ms`)
    console.log(
      `\nAll ${USER_RECORDS.toLocaleString('en')} user records came back, by both ways, key for key and byte for byte.`
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
