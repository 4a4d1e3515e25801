import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  CreateStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  SubscribeToShardCommand,
  type Shard,
  type _Record
} from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  aggregate,
  deaggregateEvent,
  deaggregateStream,
  deaggregateSync,
  iterateUserRecords,
  processEvent,
  putRecordsBatches,
  type DeaggregatedRecord,
  type UserRecordInput
} from 'kinesis-agg'
import { startKinesis } from '../../scripts/kinesis-local.mjs'

const StreamName = 'end-to-end'
const COUNT = 100_000

/** User record `i`: keys and bytes of every kind, all of which follow from `i`. */
function make(i: number): UserRecordInput & { data: Buffer } {
  const noise = createHash('sha256').update(String(i)).digest()
  const head = Buffer.from(`${i}:`)
  const data = Buffer.concat([head, ...Array.from({ length: i % 5 }, () => noise), noise.subarray(0, i % 33)])
  const keys = [
    `device-${i % 1000}`,
    `${i % 50}`,
    '__proto__',
    `ключ-${i % 300}`,
    '我愛你',
    `${'k'.repeat(i % 200)}x`
  ]
  const partitionKey = keys[i % keys.length]!
  return i % 4 === 0
    ? { partitionKey, data, explicitHashKey: BigInt(`0x${noise.subarray(0, 16).toString('hex')}`) }
    : { partitionKey, data }
}

let kinesis: Awaited<ReturnType<typeof startKinesis>>
let client: KinesisClient

beforeAll(async () => {
  kinesis = await startKinesis()
  client = new KinesisClient(kinesis.clientOptions)
})

afterAll(async () => {
  client?.destroy()
  await kinesis?.stop()
})

async function untilActive(): Promise<void> {
  for (;;) {
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }))
    if (StreamDescriptionSummary?.StreamStatus === 'ACTIVE') return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

async function untilRegistered(ConsumerARN: string): Promise<void> {
  for (;;) {
    const { ConsumerDescription } = await client.send(new DescribeStreamConsumerCommand({ ConsumerARN }))
    if (ConsumerDescription?.ConsumerStatus === 'ACTIVE') return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

async function put(from: number, to: number): Promise<number> {
  const encoded = aggregate(
    Array.from({ length: to - from }, (_, i) => make(from + i)),
    { maxSize: 51_200 }
  )
  for (const Records of putRecordsBatches(encoded)) {
    const { FailedRecordCount } = await client.send(new PutRecordsCommand({ StreamName, Records }))
    expect(FailedRecordCount).toBe(0)
  }
  return encoded.length
}

async function shards(): Promise<Shard[]> {
  return (await client.send(new ListShardsCommand({ StreamName }))).Shards!
}

async function readShard(ShardId: string): Promise<_Record[]> {
  const records: _Record[] = []
  let { ShardIterator } = await client.send(
    new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' })
  )
  while (ShardIterator !== undefined) {
    const answer = await client.send(new GetRecordsCommand({ ShardIterator }))
    records.push(...answer.Records!)
    if (answer.Records!.length === 0 && answer.MillisBehindLatest === 0) break
    ShardIterator = answer.NextShardIterator
  }
  return records
}

/** The first `count` records of a shard, by enhanced fan-out. */
async function* subscribe(ConsumerARN: string, ShardId: string, count: number): AsyncIterable<_Record> {
  const StartingPosition = { Type: 'TRIM_HORIZON' } as const
  const { EventStream } = await client.send(
    new SubscribeToShardCommand({ ConsumerARN, ShardId, StartingPosition })
  )
  let left = count
  for await (const { SubscribeToShardEvent } of EventStream!) {
    yield* SubscribeToShardEvent!.Records!
    left -= SubscribeToShardEvent!.Records!.length
    if (left <= 0) return
  }
}

/** What Lambda makes of a batch of one shard. */
const toEvent = (records: _Record[], shardId: string) => ({
  Records: records.map(record => ({
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: record.PartitionKey!,
      sequenceNumber: record.SequenceNumber!,
      data: Buffer.from(record.Data!).toString('base64'),
      approximateArrivalTimestamp: record.ApproximateArrivalTimestamp!.getTime() / 1000
    },
    eventSource: 'aws:kinesis',
    eventID: `${shardId}:${record.SequenceNumber}`
  }))
})

/** That of all user records each came once, with its keys and every byte. */
class Check {
  readonly #seen = new Uint8Array(COUNT)
  #count = 0

  add(got: { partitionKey: string; explicitHashKey: string | undefined; data: Buffer }): void {
    const i = Number(got.data.subarray(0, got.data.indexOf(':')).toString())
    const { partitionKey, data, explicitHashKey } = make(i)
    const isSame =
      got.partitionKey === partitionKey &&
      got.explicitHashKey === explicitHashKey?.toString() &&
      got.data.equals(data) &&
      this.#seen[i] === 0
    if (!isSame) throw new Error(`user record ${i} is not what was put, or came again`)
    this.#seen[i] = 1
    this.#count++
  }

  done(): void {
    expect(this.#count).toBe(COUNT)
  }
}

describe(`${COUNT} user records through Kinesis, with a shard split half-way`, () => {
  let encodedRecords: number
  let all: Shard[]
  const records = new Map<string, _Record[]>()

  it('are put', async () => {
    await client.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }))
    await untilActive()
    encodedRecords = await put(0, COUNT / 2)

    const [first] = await shards()
    const { StartingHashKey, EndingHashKey } = first!.HashKeyRange!
    const middle = (BigInt(StartingHashKey!) + BigInt(EndingHashKey!)) / 2n
    await client.send(
      new SplitShardCommand({ StreamName, ShardToSplit: first!.ShardId!, NewStartingHashKey: String(middle) })
    )
    await untilActive()
    encodedRecords += await put(COUNT / 2, COUNT)
    all = await shards()
    expect(all.filter(shard => shard.ParentShardId === first!.ShardId)).toHaveLength(2)
    expect(all.filter(shard => shard.SequenceNumberRange?.EndingSequenceNumber !== undefined)).toHaveLength(1)
  })

  it('come back through GetRecords, before and after the split', async () => {
    for (const { ShardId } of all) records.set(ShardId!, await readShard(ShardId!))
    const counts = [...records.values()].map(list => list.length)
    expect(counts.reduce((a, b) => a + b)).toBe(encodedRecords)
    expect(counts).toHaveLength(4)
    for (const count of counts) expect(count).toBeGreaterThan(0)

    const check = new Check()
    for (const list of records.values()) for (const record of deaggregateSync(list)) check.add(record)
    check.done()
    const lazily = new Check()
    for (const list of records.values()) for (const record of iterateUserRecords(list)) lazily.add(record)
    lazily.done()
  })

  it('come back through SubscribeToShard and deaggregateStream', async () => {
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }))
    const { StreamARN } = StreamDescriptionSummary!
    const { Consumer } = await client.send(
      new RegisterStreamConsumerCommand({ StreamARN: StreamARN!, ConsumerName: 'fan-out' })
    )
    await untilRegistered(Consumer!.ConsumerARN!)
    const check = new Check()
    for (const [shardId, list] of records) {
      const source = Readable.from(subscribe(Consumer!.ConsumerARN!, shardId, list.length))
      for await (const record of source.pipe(deaggregateStream())) check.add(record as DeaggregatedRecord)
    }
    check.done()
  })

  it('come back in the events of Lambda', async () => {
    const check = new Check()
    const handled = new Check()
    for (const [shardId, list] of records) {
      const event = toEvent(list, shardId)
      for (const record of deaggregateEvent(event)) check.add(record)
      expect(await processEvent(event, record => handled.add(record))).toEqual({ batchItemFailures: [] })
    }
    check.done()
    handled.done()
  })
})
